#include "base/parallel.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/lines.h"
#include "base/mem.h"
#include "base/progress.h"
#include "base/tool.h"

enum { CHUNK = 256 * 1024, SLOTS_A_JOB = 3 };

enum state { FREE, READY, BUSY, DONE };

struct slot {
	struct chunk chunk;
	char *mem; /* LINES_PADDING, cap bytes, LINES_PADDING */
	size_t cap, len;
	enum state state;
};

/*
 * The slots are a ring: [first, first + used) are out, oldest first, and are taken in that order.
 * The calling thread fills the slot after them; it works too when it has nothing better to do, so
 * jobs - 1 threads are made, and those only when a second chunk shows that there is work for them.
 */
struct ring {
	const struct parallel *p;
	int fd;
	bool file; /* a regular one, which never blocks */
	struct slot *slots;
	unsigned count, first, used;
	pthread_t *threads;
	unsigned started;
	pthread_mutex_t lock;
	pthread_cond_t ready, done;
	bool stop; /* no more work: threads go home */
};

struct worker {
	struct ring *ring;
	unsigned number;
};

static char *
text_of(struct slot *s)
{
	return s->mem + LINES_PADDING;
}

static void
grow(struct slot *s, size_t cap)
{
	if (cap <= s->cap)
		return;
	s->mem = xrealloc(s->mem, cap + 2 * LINES_PADDING, 1);
	if (s->cap == 0)
		memset(s->mem, 0, LINES_PADDING);
	s->cap = cap;
}

static size_t
chunk_size(const struct ring *r)
{
	return r->p->chunk != 0 ? r->p->chunk : CHUNK;
}

/* Had s to grow far for one line?  Few of those are out at a time, and none is kept. */
static bool
is_large(const struct ring *r, const struct slot *s)
{
	return s->cap > 4 * chunk_size(r);
}

/* How many slots may be out when s joins them: with large ones, and that being filled, one a job. */
static unsigned
in_flight(const struct ring *r, const struct slot *s)
{
	if (!is_large(r, s))
		return r->count - 1;
	return r->p->jobs > 2 ? r->p->jobs - 1 : 1;
}

static struct slot *
slot_at(struct ring *r, unsigned i)
{
	return &r->slots[(r->first + i) % r->count];
}

/* The oldest slot that waits for a worker, now BUSY; NULL if there is none.  Lock held. */
static struct slot *
claim(struct ring *r, unsigned worker)
{
	for (unsigned i = 0; i < r->used; i++) {
		struct slot *s = slot_at(r, i);

		if (s->state == READY) {
			s->state = BUSY;
			s->chunk.worker = worker;
			return s;
		}
	}
	return NULL;
}

/* Work s without the lock, which is held before and after. */
static void
work(struct ring *r, struct slot *s)
{
	pthread_mutex_unlock(&r->lock);
	r->p->work(r->p->arg, &s->chunk);
	pthread_mutex_lock(&r->lock);
	s->state = DONE;
	pthread_cond_signal(&r->done);
}

static void *
worker_main(void *arg)
{
	struct worker w = *(struct worker *)arg;
	struct ring *r = w.ring;
	struct slot *s;

	free(arg);
	pthread_mutex_lock(&r->lock);
	while (!r->stop) {
		if ((s = claim(r, w.number)) != NULL)
			work(r, s);
		else
			pthread_cond_wait(&r->ready, &r->lock);
	}
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

/* Signals belong to the calling thread: only it waits for input. */
static void
start_threads(struct ring *r)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	while (r->started < r->p->jobs - 1) {
		struct worker *w = xmalloc(sizeof *w);

		*w = (struct worker){ r, r->started + 1 };
		if (pthread_create(&r->threads[r->started], NULL, worker_main, w) != 0) {
			free(w); /* fewer hands, the same work */
			break;
		}
		r->started++;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* Take the oldest slot, which is DONE.  Returns false if that ends it. */
static bool
take_first(struct ring *r)
{
	struct slot *s = slot_at(r, 0);
	bool more = r->p->take(r->p->arg, &s->chunk);

	if (is_large(r, s)) {
		free(s->mem);
		s->mem = NULL;
		s->cap = 0;
	}
	pthread_mutex_lock(&r->lock);
	s->state = FREE;
	r->first = (r->first + 1) % r->count;
	r->used--;
	pthread_mutex_unlock(&r->lock);
	return more;
}

/* Take until at most left slots are out, working where that is what is waited for. */
static bool
drain(struct ring *r, unsigned left)
{
	while (r->used > left) {
		struct slot *s;

		pthread_mutex_lock(&r->lock);
		while (slot_at(r, 0)->state != DONE) {
			if ((s = claim(r, 0)) != NULL)
				work(r, s);
			else
				pthread_cond_wait(&r->done, &r->lock);
		}
		pthread_mutex_unlock(&r->lock);
		if (!take_first(r))
			return false;
	}
	return true;
}

/* Send s, the slot behind those that are out, to the workers. */
static void
dispatch(struct ring *r, struct slot *s, size_t len, bool torn)
{
	s->chunk.text = (struct slice){ text_of(s), len };
	s->chunk.torn = torn;
	s->chunk.too_long = false;
	pthread_mutex_lock(&r->lock);
	s->state = READY;
	r->used++;
	pthread_cond_signal(&r->ready);
	pthread_mutex_unlock(&r->lock);
	if (r->used > 1 && r->started < r->p->jobs - 1)
		start_threads(r);
}

enum got { GOT_MORE, GOT_PAUSE, GOT_END, GOT_STOP, GOT_ERROR };

/* One read by the caller's own way into s. */
static enum got
read_other(struct ring *r, struct slot *s)
{
	ssize_t n = r->p->read(r->p->arg, text_of(s) + s->len, s->cap - s->len);

	if (n > 0)
		s->len += (size_t)n;
	return n > 0 ? GOT_MORE : n == 0 ? GOT_END : GOT_ERROR;
}

/* One read(2) into s.  GOT_PAUSE: there is nothing to read just now. */
static enum got
read_more(struct ring *r, struct slot *s)
{
	ssize_t n;

	if (r->p->read != NULL)
		return read_other(r, s);
	if (tool_signal() != 0 || (!r->file && !lines_poll(r->fd)))
		return GOT_PAUSE;
	do
		n = read(r->fd, text_of(s) + s->len, s->cap - s->len);
	while (n == -1 && errno == EINTR && tool_signal() == 0);
	if (n == -1)
		return errno == EAGAIN || errno == EINTR ? GOT_PAUSE : GOT_ERROR;
	if (n == 0)
		return GOT_END;
	s->len += (size_t)n;
	progress_add((uint64_t)n);
	return GOT_MORE;
}

/* Nothing to read: bring out all that is known, then wait. */
static enum got
await(struct ring *r, struct slot *s)
{
	int ready;

	if (!drain(r, 0))
		return GOT_STOP;
	if (r->p->idle != NULL && tool_signal() == 0)
		r->p->idle(r->p->arg);
	ready = lines_wait(r->fd, r->p->stream, NULL, NULL);
	if (ready == 0)
		s->len = 0; /* a signal ended the stream: its unfinished line is dropped */
	return ready == 1 ? GOT_MORE : ready == 0 ? GOT_END : GOT_ERROR;
}

/* Read until s is full or input pauses or ends. */
static enum got
fill(struct ring *r, struct slot *s)
{
	enum got got = GOT_MORE;

	while (got == GOT_MORE && s->len < s->cap)
		got = read_more(r, s);
	return got;
}

/* Move what stands in s behind its first len bytes to the next free slot, which is returned. */
static struct slot *
next_slot(struct ring *r, const struct slot *s, size_t len)
{
	struct slot *next = slot_at(r, r->used);
	size_t rest = s->len - len;

	grow(next, chunk_size(r));
	grow(next, rest);
	if (rest > 0)
		memcpy(text_of(next), s->mem + LINES_PADDING + len, rest);
	next->len = rest;
	return next;
}

/* The line at the front of s is too long: let it by, piece by piece, then take it as a chunk. */
static enum got
long_line(struct ring *r, struct slot *s)
{
	struct chunk *c = &s->chunk;
	enum got got = GOT_MORE;
	const char *lf;
	size_t n;

	c->length = 0;
	for (;;) {
		lf = memchr(text_of(s), '\n', s->len);
		n = lf != NULL ? (size_t)(lf - text_of(s)) : s->len;
		if (n > 0 && r->p->on_long != NULL)
			r->p->on_long(r->p->arg, (struct slice){ text_of(s), n });
		c->length += n;
		if (lf != NULL || got == GOT_END)
			break;
		s->len = 0;
		while ((got = read_more(r, s)) == GOT_PAUSE)
			if ((got = await(r, s)) != GOT_MORE)
				return got; /* a signal: the line is unfinished */
		if (got == GOT_ERROR)
			return got;
	}
	n += lf != NULL;
	memmove(text_of(s), text_of(s) + n, s->len - n);
	s->len -= n;
	c->text = (struct slice){ NULL, 0 };
	c->too_long = true;
	c->torn = lf == NULL;
	return r->p->take(r->p->arg, c) ? got : GOT_STOP;
}

/* Read, cut, send: until the end of input or of patience. */
static enum got
run(struct ring *r)
{
	struct slot empty = { 0 }, *s = next_slot(r, &empty, 0);
	enum got got = GOT_MORE;
	bool too_long;
	size_t len;

	for (;;) {
		if (got == GOT_MORE)
			got = fill(r, s);
		len = lines_cut(text_of(s), s->len, r->p->max, &too_long);
		if (got == GOT_END && !too_long)
			len = s->len;
		if (len > 0) {
			if (!drain(r, in_flight(r, s) - 1))
				return GOT_STOP;
			dispatch(r, s, len, text_of(s)[len - 1] != '\n');
			s = next_slot(r, s, len);
			if (r->p->jobs == 1 && !drain(r, 0))
				return GOT_STOP;
		}
		if (too_long && len == 0) {
			if (!drain(r, 0))
				return GOT_STOP;
			if ((got = long_line(r, s)) == GOT_STOP)
				return GOT_STOP;
			continue;
		}
		if (too_long)
			continue; /* it is at the front of s now */
		if (got == GOT_PAUSE)
			got = await(r, s);
		else if (got == GOT_MORE && len == 0)
			grow(s, s->cap * 2 <= r->p->max ? s->cap * 2 : r->p->max + 1);
		if (got == GOT_STOP)
			return got;
		if (got == GOT_ERROR || (got == GOT_END && s->len == 0))
			break;
	}
	return drain(r, 0) ? got : GOT_STOP;
}

static void
ring_open(struct ring *r)
{
	struct stat st;

	r->file = fstat(r->fd, &st) == 0 && S_ISREG(st.st_mode);
	r->count = r->p->jobs == 1 ? 2 : r->p->jobs * SLOTS_A_JOB;
	r->slots = xzalloc(r->count, sizeof *r->slots);
	r->threads = xzalloc(r->p->jobs, sizeof *r->threads);
	for (unsigned i = 0; i < r->count && r->p->make != NULL; i++)
		r->slots[i].chunk.result = r->p->make(r->p->arg);
}

static void
ring_close(struct ring *r)
{
	pthread_mutex_lock(&r->lock);
	r->stop = true;
	pthread_cond_broadcast(&r->ready);
	pthread_mutex_unlock(&r->lock);
	for (unsigned i = 0; i < r->started; i++)
		pthread_join(r->threads[i], NULL);
	for (unsigned i = 0; i < r->count; i++) {
		if (r->p->drop != NULL)
			r->p->drop(r->p->arg, r->slots[i].chunk.result);
		free(r->slots[i].mem);
	}
	free(r->slots);
	free(r->threads);
}

int
parallel_run(const struct parallel *p, int fd)
{
	struct ring r = {
		.p = p,
		.fd = fd,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.ready = PTHREAD_COND_INITIALIZER,
		.done = PTHREAD_COND_INITIALIZER,
	};
	enum got got;
	int error;

	ring_open(&r);
	got = run(&r);
	error = errno;
	ring_close(&r);
	errno = error;
	return got == GOT_END ? 1 : got == GOT_STOP ? 0 : -1;
}

bool
chunk_next(struct slice *rest, struct slice *line)
{
	if (rest->len == 0)
		return false;
	slice_cut(rest, '\n', line);
	return true;
}
