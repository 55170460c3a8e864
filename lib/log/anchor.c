#include "log/anchor.h"

void
anchor_free(struct anchor *a)
{
	head_free(&a->head);
	buf_free(&a->text);
}
