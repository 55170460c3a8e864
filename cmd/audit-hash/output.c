/* What the verbs that read a tree say and write. */
#include "audit-hash.h"

#include <errno.h>
#include <string.h>

#include "base/out.h"

void
say_tile(const char *tree, const struct tile_name *name, enum tile_state state)
{
	int error = errno;
	struct buf path = { 0 };

	tile_path_put(&path, *name);
	if (state == TILE_ERROR)
		warn("%s/%s: %s", tree, buf_cstr(&path), strerror(error));
	else if (state == TILE_WRONG)
		warn("%s/%s: not what the head says of it (audit-hash rebuild makes tiles "
		     "anew) [tile-damaged]",
		    tree, buf_cstr(&path));
	else
		warn("%s/%s: missing, or what vouches for it is (audit-hash rebuild makes "
		     "tiles anew) [tile-missing]",
		    tree, buf_cstr(&path));
	buf_free(&path);
}

enum tool_status
put_output(const char *output, struct slice text)
{
	struct out out;

	if (out_open(&out, output) == -1) {
		warn_errno(output);
		return TOOL_TROUBLE;
	}
	out_put(&out, text);
	if (out_close(&out, true) == -1) {
		warn_errno(out.name);
		return TOOL_TROUBLE;
	}
	return TOOL_OK;
}
