/*
 * jsonsuite - does the scanner decide every file of a JSONTestSuite folder right?
 *
 * jsonsuite DIR: y_* must be accepted and n_* refused; i_* are free.  What our own rules refuse
 * among y_* must be refused by exactly that rule, and the names below are all there are.  Both
 * paths of the scanner must agree.  TAP; the suite is not part of this tree
 * (make check-data DATA=DIR).
 */
#include "check.h"

#include <dirent.h>
#include <stdlib.h>

#include "json/scan.h"

/* Refused on purpose. */
static const struct {
	const char *file, *rule;
} ours[] = {
	{ "y_object_duplicated_key.json", "json-duplicate" },
	{ "y_object_duplicated_key_and_value.json", "json-duplicate" },
	{ "y_object_escaped_null_in_key.json", "json-nul" },
	{ "y_string_null_escape.json", "json-nul" },
	{ "n_structure_100000_opening_arrays.json", "json-depth" },
	{ "n_structure_open_array_object.json", "json-depth" },
	{ "i_structure_500_nested_arrays.json", "json-depth" },
};

static bool
read_file(const char *path, struct buf *b)
{
	FILE *f = fopen(path, "rb");
	int failed;
	size_t n;

	if (f == NULL)
		return false;
	buf_reset(b);
	while ((n = fread(buf_reserve(b, 65536), 1, 65536, f)) > 0)
		b->len += n;
	memset(buf_reserve(b, JSON_PADDING), '"', JSON_PADDING);
	failed = ferror(f);
	return fclose(f) == 0 && !failed;
}

static bool
same(const struct diag *a, const struct diag *b)
{
	if (a->rule == NULL || b->rule == NULL)
		return a->rule == b->rule;
	return strcmp(a->rule, b->rule) == 0 && a->offset == b->offset;
}

static bool
right(const char *name, const char *rule)
{
	for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
		if (strcmp(name, ours[i].file) == 0)
			return rule != NULL && strcmp(rule, ours[i].rule) == 0;
	return name[0] == 'i' || (name[0] == 'y') == (rule == NULL);
}

int
main(int argc, char **argv)
{
	struct json *j = json_new();
	struct dirent **files;
	struct buf text = { 0 };
	int n, decided = 0;

	if (argc != 2 || (n = scandir(argv[1], &files, NULL, alphasort)) < 0) {
		fputs("usage: jsonsuite DIR\n", stderr);
		return 2;
	}
	for (int i = 0; i < n; i++) {
		const char *name = files[i]->d_name;
		struct diag fast = { NULL, 0 }, slow = { NULL, 0 };
		struct buf path = { 0 };

		if (name[0] != '\0' && name[1] == '_' && strchr("yni", name[0]) != NULL) {
			buf_printf(&path, "%s/%s", argv[1], name);
			CHECK(read_file(buf_cstr(&path), &text));
			json_check(j, buf_view(&text), &fast);
			json_portable(true);
			json_check(j, buf_view(&text), &slow);
			json_portable(false);
			if (!CHECK(right(name, fast.rule)))
				printf("# %s: %s\n", name,
				    fast.rule == NULL ? "accepted" : fast.rule);
			CHECK(same(&fast, &slow));
			decided++;
		}
		buf_free(&path);
		free(files[i]);
	}
	free(files);
	buf_free(&text);
	json_free(j);
	printf("# %d files decided\n", decided);
	CHECK(decided > 0);
	return check_done();
}
