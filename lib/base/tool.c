#include "base/tool.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"

/* The one place with process-wide state: who we are, and what was said. */
static struct {
	const struct tool *tool;
	const struct tool_verb *verb;
	bool quiet, mute; /* mute: a message could not be written */
	bool cut_short;
	volatile sig_atomic_t signal;
	void (*clear)(void);
	const int *codes; /* of the three states, NULL: themselves */
	void (*dying)(const char *message);
	pthread_mutex_t voice;
} self = { .voice = PTHREAD_MUTEX_INITIALIZER };

enum tool_status
tool_worse(enum tool_status a, enum tool_status b)
{
	return a > b ? a : b;
}

static void
on_signal(int number)
{
	self.signal = number;
}

/*
 * A limit of 1 and not 0: the kernel takes 0 to mean "no core file" but still feeds a core_pattern
 * pipe; 1 is its own mark for "no dump at all" (fs/coredump.c).
 */
static void
no_core_dumps(void)
{
	struct rlimit limit = { 1, 1 };

	if (setrlimit(RLIMIT_CORE, &limit) == -1) {
		limit.rlim_cur = limit.rlim_max = 0;
		setrlimit(RLIMIT_CORE, &limit);
	}
}

/* A closed standard descriptor would become the next file opened: fill it with one that errs. */
static void
keep_standard_descriptors(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) == -1 && errno == EBADF)
			(void)!open("/dev/null", (fd == 0 ? O_WRONLY : O_RDONLY));
}

void
tool_start(const struct tool *tool)
{
	struct sigaction sa = { .sa_handler = on_signal,
		.sa_flags = (int)(SA_RESTART | SA_RESETHAND) };

	self.tool = tool;
	keep_standard_descriptors();
	no_core_dumps();
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&sa.sa_mask);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
}

int
tool_signal(void)
{
	return self.signal;
}

void
tool_cut_short(void)
{
	self.cut_short = true;
}

bool
tool_quiet(void)
{
	return self.quiet;
}

const char *
tool_file(const char *path)
{
	return path == NULL || strcmp(path, "-") == 0 ? "<stdin>" : path;
}

void
tool_on_message(void (*clear)(void))
{
	pthread_mutex_lock(&self.voice);
	self.clear = clear;
	pthread_mutex_unlock(&self.voice);
}

void
warn_text(struct slice text)
{
	pthread_mutex_lock(&self.voice);
	if (self.clear != NULL)
		self.clear();
	if (file_write(STDERR_FILENO, text) == -1)
		self.mute = true;
	pthread_mutex_unlock(&self.voice);
}

/* One message, one write. */
__attribute__((format(printf, 3, 0))) static void
say(const char *where, uint64_t line, const char *fmt, va_list ap)
{
	char text[2048];
	size_t n = 0;
	int more;

#define ADD(...)                                                                               \
	do {                                                                                   \
		more = snprintf(text + n, sizeof text - n, __VA_ARGS__);                       \
		n += more < 0                        ? 0                                       \
		    : (size_t)more < sizeof text - n ? (size_t)more                            \
						     : sizeof text - n - 1;                    \
	} while (0)
	ADD("%s: ", self.tool != NULL ? self.tool->name : "audit-tools");
	if (where != NULL && line > 0)
		ADD("%s:%llu: ", where, (unsigned long long)line);
	else if (where != NULL)
		ADD("%s: ", where);
	more = vsnprintf(text + n, sizeof text - n, fmt, ap);
	n += more < 0 ? 0 : (size_t)more < sizeof text - n ? (size_t)more : sizeof text - n - 1;
#undef ADD
	/* A file name may hold anything: a message stays one line and harmless. */
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			text[i] = '?';
	text[n < sizeof text ? n++ : n - 1] = '\n';
	warn_text((struct slice){ text, n });
}

void
warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(NULL, 0, fmt, ap);
	va_end(ap);
}

void
warn_at(const char *file, uint64_t line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(file, line, fmt, ap);
	va_end(ap);
}

void
warn_errno(const char *name)
{
	int error = errno;

	if (error == EINTR && self.cut_short)
		return; /* the signal speaks for itself */
	warn("%s: %s", name, strerror(error));
	errno = error;
}

void
note(const char *fmt, ...)
{
	va_list ap;

	if (self.quiet)
		return;
	va_start(ap, fmt);
	say(NULL, 0, fmt, ap);
	va_end(ap);
}

void
note_at(const char *file, uint64_t line, const char *fmt, ...)
{
	va_list ap;

	if (self.quiet)
		return;
	va_start(ap, fmt);
	say(file, line, fmt, ap);
	va_end(ap);
}

/* The message that ends the process. */
static void
last_words(const char *fmt, va_list ap)
{
	char text[512];

	if (self.cut_short && self.signal != 0)
		return; /* the signal speaks for itself */
	vsnprintf(text, sizeof text, fmt, ap);
	warn("%s", text);
	if (self.dying != NULL)
		self.dying(text);
}

void
die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	last_words(fmt, ap);
	va_end(ap);
	exit(tool_end(TOOL_TROUBLE));
}

void
die_usage(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	last_words(fmt, ap);
	va_end(ap);
	warn("try '%s%s%s --help'", self.tool->name, self.verb != NULL ? " " : "",
	    self.verb != NULL ? self.verb->name : "");
	exit(tool_end(TOOL_TROUBLE));
}

void
tool_habit(const int codes[3], void (*dying)(const char *message))
{
	self.codes = codes;
	self.dying = dying;
}

int
tool_end(enum tool_status status)
{
	if (self.cut_short && self.signal != 0) {
		signal(self.signal, SIG_DFL);
		raise(self.signal);
	}
	if (close(STDOUT_FILENO) == -1) {
		warn("<stdout>: %s", strerror(errno));
		status = TOOL_TROUBLE;
	}
	if (close(STDERR_FILENO) == -1 || self.mute)
		status = TOOL_TROUBLE;
	return self.codes != NULL ? self.codes[status] : (int)status;
}

/* Print b on stdout and end the process. */
static _Noreturn void
answer(struct buf *b)
{
	enum tool_status status = TOOL_OK;

	if (file_write(STDOUT_FILENO, buf_view(b)) == -1) {
		warn("<stdout>: %s", strerror(errno));
		status = TOOL_TROUBLE;
	}
	buf_free(b);
	exit(tool_end(status));
}

static void
put_option(struct buf *b, const struct tool_option *o)
{
	size_t start = b->len, width;

	if (o->id < 128 && isalnum(o->id))
		buf_printf(b, "  -%c, --%s", o->id, o->name);
	else
		buf_printf(b, "      --%s", o->name);
	if (o->arg != NULL)
		buf_printf(b, o->arg[0] == '[' ? "[=%s" : " %s", o->arg + (o->arg[0] == '['));
	width = b->len - start;
	if (width > 28)
		buf_printf(b, "\n%30s", "");
	else
		buf_printf(b, "%*s", (int)(30 - width), "");
	buf_printf(b, "%s\n", o->help);
}

static _Noreturn void
help(const struct tool_option *options)
{
	const struct tool *t = self.tool;
	struct buf b = { 0 };

	if (self.verb != NULL)
		buf_printf(&b, "usage: %s %s [options] %s\n\n%s\n", t->name, self.verb->name,
		    self.verb->operands, self.verb->help);
	else
		buf_printf(&b, "usage: %s %s\n\n%s\n", t->name,
		    t->operands != NULL ? t->operands : "VERB [options] [operands]",
		    t->summary);
	if (self.verb == NULL && t->verbs != NULL) {
		buf_str(&b, "\nverbs:\n");
		for (const struct tool_verb *v = t->verbs; v->name != NULL; v++)
			buf_printf(&b, "  %-12s %s\n", v->name, v->help);
		buf_printf(&b, "\n'%s VERB --help' tells the options of a verb.\n", t->name);
	}
	buf_str(&b, "\noptions:\n");
	for (const struct tool_option *o = options; o->id != 0; o++)
		put_option(&b, o);
	if (t->notes != NULL)
		buf_printf(&b, "\n%s\n", t->notes);
	answer(&b);
}

static _Noreturn void
version(void)
{
	struct buf b = { 0 };

	buf_printf(&b, "%s %s\n", self.tool->name, VERSION);
	answer(&b);
}

static void
dump_rows(struct buf *b, const char *verb, const struct tool_option *o)
{
	for (; o->id != 0; o++)
		buf_printf(b, "%s\t%.*s\t%s\t%s\t%s\n", verb, o->id < 128 && isalnum(o->id),
		    (char[]){ (char)o->id, 0 }, o->name, o->arg != NULL ? o->arg : "", o->help);
}

void
tool_dump_options(void)
{
	struct buf b = { 0 };

	if (self.tool->verbs == NULL)
		dump_rows(&b, "", self.tool->options);
	for (const struct tool_verb *v = self.tool->verbs; v != NULL && v->name != NULL; v++)
		dump_rows(&b, v->name, v->options);
	answer(&b);
}

static bool
asks_for_dump(int argc, char **argv)
{
	return argc == 2 && strcmp(argv[1], "--dump-options") == 0;
}

enum tool_status
tool_verb(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;

	if (asks_for_dump(argc, argv))
		tool_dump_options();
	if (name != NULL && (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0))
		help(self.tool->options);
	if (name != NULL && (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0))
		version();
	if (name == NULL)
		die_usage("a verb is needed");
	for (const struct tool_verb *v = self.tool->verbs; v->name != NULL; v++)
		if (strcmp(v->name, name) == 0) {
			self.verb = v;
			return v->run(argc - 1, argv + 1);
		}
	if (name[0] == '-' && name[1] != '\0')
		die_usage("a verb has to come first, then its options");
	if (strlen(name) > 20 || strspn(name, "abcdefghijklmnopqrstuvwxyz-") < strlen(name))
		die_usage("unknown verb"); /* it may be anything: do not repeat it */
	die_usage("unknown verb %s", name);
}

/* getopt_long's own tables for rows. */
static void
build_tables(const struct tool_option *rows, struct buf *letters, struct buf *longs)
{
	buf_str(letters, ":");
	for (const struct tool_option *o = rows; o->id != 0; o++) {
		int has = o->arg == NULL ? no_argument
		    : o->arg[0] == '['   ? optional_argument
					 : required_argument;
		struct option l = { o->name, has, NULL, o->id };

		if (o->id < 128 && isalnum(o->id))
			buf_printf(letters, "%c%s", o->id,
			    has == no_argument             ? ""
				: has == optional_argument ? "::"
							   : ":");
		buf_add(longs, &l, sizeof l);
	}
	buf_add(longs, &(struct option){ 0 }, sizeof(struct option));
	buf_cstr(letters);
}

static const char *
option_name(const struct tool_option *rows, int id)
{
	for (; rows->id != 0; rows++)
		if (rows->id == id)
			return rows->name;
	return "?";
}

/* Name the wrong option at word, but not what follows its '=', nor anything odd. */
static _Noreturn void
wrong_option(const struct tool_option *options, const char *word, int letter)
{
	size_t n = strcspn(word, "=");
	bool begun = false; /* does it begin the name of an option?  Then it begins several */

	if (letter != 0 && letter < 128 && isalnum(letter) && strncmp(word, "--", 2) != 0)
		die_usage("unknown option -%c", letter);
	if (strspn(word, "-_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") <
		n ||
	    n > 40 || strncmp(word, "--", 2) != 0)
		die_usage("unknown option");
	for (; options->id != 0; options++)
		begun |= n > 2 && strncmp(options->name, word + 2, n - 2) == 0;
	die_usage("%s option %.*s", begun ? "ambiguous" : "unknown", (int)n, word);
}

int
tool_next(int argc, char **argv, const struct tool_option *options)
{
	struct buf letters = { 0 }, longs = { 0 };
	int c;

	if (self.verb == NULL && asks_for_dump(argc, argv))
		tool_dump_options();
	build_tables(options, &letters, &longs);
	opterr = 0;
	optopt = 0;
	c = getopt_long(argc, argv, letters.p, (struct option *)(void *)longs.p, NULL);
	buf_free(&letters);
	buf_free(&longs);
	switch (c) {
	case 'h': help(options);
	case 'V': version();
	case 'q': self.quiet = true; break;
	case ':': die_usage("option --%s needs a value", option_name(options, optopt));
	case '?':
		for (const struct tool_option *o = options; o->id != 0; o++)
			if (optopt == o->id)
				die_usage("option --%s takes no value", o->name);
		wrong_option(options, argv[optind - 1], optopt);
	default: break;
	}
	return c;
}
