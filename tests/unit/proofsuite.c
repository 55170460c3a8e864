/*
 * proofsuite - are the published inclusion and consistency proofs decided right?
 *
 * proofsuite DIR: DIR holds inclusion/ and consistency/ of transparency-dev/merkle's testdata, JSON
 * files of one proof each, most of which must be refused ("wantErr").  TAP; the files are not part
 * of this tree (make check-tlog DATA=DIR).
 */
#include "check.h"

#include <ftw.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/codec.h"
#include "base/file.h"
#include "log/proof.h"
#include "json/scan.h"

struct vector {
	uint64_t a, b; /* leafIdx and treeSize, or size1 and size2 */
	struct hash leaf, root, root1, root2;
	struct proof proof;
	bool malformed, refused;
};

static unsigned inclusions, consistencies, wrong;

/* A root may be any bytes, 1 to 32 (where only their being equal matters); a step may not. */
static void
get_hash(struct vector *v, struct slice text, struct hash *h, bool step)
{
	struct buf bytes = { 0 };

	if (base64_get(text, &bytes) == -1 || bytes.len == 0 || bytes.len > HASH_LEN ||
	    (step && bytes.len != HASH_LEN))
		v->malformed = true;
	else
		memcpy(h->b, bytes.p, bytes.len);
	buf_free(&bytes);
}

static void
take(struct vector *v, const struct json_token *t)
{
	struct slice text = t->text;

	if (slice_is(t->key, "leafIdx") || slice_is(t->key, "size1"))
		v->a = strtoull(text.p, NULL, 10);
	else if (slice_is(t->key, "treeSize") || slice_is(t->key, "size2"))
		v->b = strtoull(text.p, NULL, 10);
	else if (slice_is(t->key, "leafHash"))
		get_hash(v, text, &v->leaf, false);
	else if (slice_is(t->key, "root"))
		get_hash(v, text, &v->root, false);
	else if (slice_is(t->key, "root1"))
		get_hash(v, text, &v->root1, false);
	else if (slice_is(t->key, "root2"))
		get_hash(v, text, &v->root2, false);
	else if (slice_is(t->key, "wantErr"))
		v->refused = t->type == JSON_TRUE;
	else if (t->key.len == 0 && t->type == JSON_STRING && v->proof.n < PROOF_MAX)
		get_hash(v, text, &v->proof.hash[v->proof.n++], true);
}

static bool
read_vector(const char *path, struct vector *v)
{
	struct buf text = { 0 };
	struct json *j = json_new();
	struct json_token t;
	int more;

	memset(v, 0, sizeof *v);
	if (file_load(path, 1 << 20, &text) == -1)
		return false;
	memset(buf_reserve(&text, JSON_PADDING), 0, JSON_PADDING);
	json_begin(j, buf_view(&text));
	while ((more = json_next(j, &t)) == 1)
		take(v, &t);
	json_free(j);
	buf_free(&text);
	return more == 0;
}

static int
try(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	bool inclusion = strstr(path, "/inclusion/") != NULL, accepted;
	struct vector v;

	(void)st;
	(void)ftw;
	if (type != FTW_F || strstr(path, ".json") == NULL)
		return 0;
	CHECK(read_vector(path, &v));
	accepted = inclusion ? proof_includes(v.a, v.b, &v.leaf, &v.root, &v.proof)
			     : proof_extends(v.a, &v.root1, v.b, &v.root2, &v.proof);
	if ((accepted && !v.malformed) == v.refused) {
		printf("# wrong: %s\n", path);
		wrong++;
	}
	if (inclusion)
		inclusions++;
	else
		consistencies++;
	return 0;
}

int
main(int argc, char **argv)
{
	static const char *const folders[] = { "inclusion", "consistency" };
	char path[4096];

	if (argc != 2) {
		fprintf(stderr, "usage: proofsuite DIR\n");
		return 2;
	}
	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof path, "%s/%s", argv[1], folders[i]);
		CHECK(nftw(path, try, 16, FTW_PHYS) == 0);
	}
	printf("# %u inclusion and %u consistency proofs, %u decided wrongly\n", inclusions,
	    consistencies, wrong);
	CHECK(inclusions > 0 && consistencies > 0);
	CHECK(wrong == 0);
	return check_done();
}
