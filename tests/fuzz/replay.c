/*
 * replay - main() for a fuzz harness without libFuzzer.
 *
 * Feeds the harness the empty input and then every file named, and every file in the folders named
 * (in the order of their names, so that two runs are the same), each in a block of exactly its
 * size, so that AddressSanitizer sees one byte too far.  Prints the name of each file before it
 * is fed, and at the end one line of TAP.  No file at all is a failure: nothing was tested.
 */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

extern const bool replaying;
const bool replaying = true; /* fault.c asks */

static unsigned long fed;

static void
give_up(const char *path)
{
	printf("# %s: %s\nnot ok 1 - cannot read the corpus\n1..1\n", path, strerror(errno));
	exit(1);
}

static void
feed_file(const char *path, size_t size)
{
	uint8_t *data = malloc(size == 0 ? 1 : size);
	FILE *f = fopen(path, "rb");

	if (data == NULL || f == NULL || fread(data, 1, size, f) != size)
		give_up(path);
	printf("# %s\n", path);
	fflush(stdout);
	LLVMFuzzerTestOneInput(data, size);
	fed++;
	fclose(f);
	free(data);
}

static void feed(const char *path);

static void
feed_folder(const char *path)
{
	struct dirent **names;
	int n = scandir(path, &names, NULL, alphasort);

	if (n < 0)
		give_up(path);
	for (int i = 0; i < n; i++) {
		char *inner = NULL;

		if (names[i]->d_name[0] != '.') {
			if (asprintf(&inner, "%s/%s", path, names[i]->d_name) < 0)
				give_up(path);
			feed(inner);
			free(inner);
		}
		free(names[i]);
	}
	free(names);
}

static void
feed(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		give_up(path);
	if (S_ISDIR(st.st_mode))
		feed_folder(path);
	else
		feed_file(path, (size_t)st.st_size);
}

int
main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/') == NULL ? argv[0] : strrchr(argv[0], '/') + 1;

	LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	for (int i = 1; i < argc; i++)
		feed(argv[i]);
	printf("%s 1 - %s: %lu inputs replayed\n1..1\n", fed == 0 ? "not ok" : "ok", name, fed);
	return fed == 0;
}
