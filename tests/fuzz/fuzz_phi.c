/* Any bytes through the detectors: what stands around a value without touching it changes nothing. */
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "event/phi.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct slice text = { (const char *)data, len };
	struct buf copy = { 0 };
	unsigned found, around;

	if (len > PHI_TEXT_MAX - 2)
		return 0;
	/* copies of their own, so that a read beyond an end is seen */
	buf_slice(&copy, text);
	found = phi_find(buf_view(&copy));
	buf_free(&copy);
	buf_byte(&copy, '\\');
	buf_slice(&copy, text);
	buf_byte(&copy, '\\');
	around = phi_find(buf_view(&copy));
	buf_free(&copy);
	if (found != around)
		abort();
	return 0;
}
