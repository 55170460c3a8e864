// simdjson - the nine metrics of a quality log by simdjson's on-demand reader: what a fast C++ program takes.
//   simdjson FILE THREADS
// The file is mapped and cut at line ends, a part to a thread; of each line the seven members are taken in their
// order, which is on-demand's quickest way.  It checks UTF-8 and the structure, but no grammar inside values that it
// passes over, no duplicate names, no ranges, no times.
#include <fcntl.h>
#include <simdjson.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

using namespace simdjson;

struct part {
	std::vector<double> latency;
	double score = 0;
	uint64_t scores = 0, hits = 0, filtered = 0, disclaimers = 0, citations = 0, judged = 0, positive = 0;
};

static void
line_add(part &p, ondemand::document_reference doc)
{
	ondemand::object o = doc.get_object();

	p.latency.push_back(double(o["latency_ms"]));
	ondemand::value score = o["top_retrieval_score"];
	if (!score.is_null()) {
		double v = score.get_double();

		p.score += v;
		p.scores += v != 0;
	}
	p.hits += bool(o["cache_hit"]);
	p.filtered += bool(o["content_filtered"]);
	p.disclaimers += bool(o["disclaimer_present"]);
	p.citations += uint64_t(o["citation_count"]);
	ondemand::value up = o["clinician_thumbs_up"];
	if (!up.is_null()) {
		p.judged++;
		p.positive += bool(up.get_bool());
	}
}

static void
part_read(part &p, const char *text, size_t len)
{
	ondemand::parser parser;
	ondemand::document_stream lines = parser.iterate_many(text, len, 1 << 20);

	for (auto doc : lines)
		line_add(p, doc.value());
}

static size_t
line_start(const char *text, size_t len, size_t at)
{
	const void *lf;

	if (at == 0 || at >= len)
		return std::min(at, len);
	lf = memchr(text + at, '\n', len - at);
	return lf == nullptr ? len : size_t((const char *)lf - text) + 1;
}

static void
put(const char *name, double v, bool has, const char *end)
{
	if (has)
		printf("\"%s\":%.17g%s", name, v, end);
	else
		printf("\"%s\":null%s", name, end);
}

static void
report(std::vector<part> &parts)
{
	part all;

	for (auto &p : parts) {
		all.latency.insert(all.latency.end(), p.latency.begin(), p.latency.end());
		all.score += p.score;
		all.scores += p.scores;
		all.hits += p.hits;
		all.filtered += p.filtered;
		all.disclaimers += p.disclaimers;
		all.citations += p.citations;
		all.judged += p.judged;
		all.positive += p.positive;
	}
	size_t n = all.latency.size(), rank = n * 95 / 100;
	double sum = 0, count = double(n);

	for (double v : all.latency)
		sum += v;
	std::nth_element(all.latency.begin(), all.latency.begin() + long(rank), all.latency.end());
	printf("{");
	put("request_count", count, true, ",");
	put("avg_latency_ms", sum / count, true, ",");
	put("p95_latency_ms", all.latency[rank], true, ",");
	put("cache_hit_rate", double(all.hits) / count, true, ",");
	put("content_filter_rate", double(all.filtered) / count, true, ",");
	put("disclaimer_present_rate", double(all.disclaimers) / count, true, ",");
	put("avg_citation_count", double(all.citations) / count, true, ",");
	put("avg_top_retrieval_score", all.score / double(all.scores), all.scores > 0, ",");
	put("clinician_positive_rate", double(all.positive) / double(all.judged), all.judged > 0, "}\n");
}

int
main(int argc, char **argv)
{
	int fd = argc == 3 ? open(argv[1], O_RDONLY) : -1;
	size_t threads = argc == 3 ? size_t(atoi(argv[2])) : 0;
	struct stat st;

	if (fd == -1 || threads == 0 || fstat(fd, &st) == -1)
		return 2;
	size_t len = size_t(st.st_size), room = len + SIMDJSON_PADDING;
	/* Zeros behind the file, so that the padding can be read. */
	char *text = (char *)mmap(nullptr, room + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (text == MAP_FAILED ||
	    mmap(text, len, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0) == MAP_FAILED)
		return 2;
	std::vector<part> parts(threads);
	std::vector<std::thread> running;
	for (size_t i = 0; i < threads; i++) {
		size_t from = line_start(text, len, len / threads * i),
		       to = i + 1 == threads ? len : line_start(text, len, len / threads * (i + 1));

		running.emplace_back(part_read, std::ref(parts[i]), text + from, to - from);
	}
	for (auto &t : running)
		t.join();
	report(parts);
	return 0;
}
