# One makefile for everything.  build/ is the only place that builds write to.
#   make            the five tools, as build/TOOL
#   make demo       the main job, end to end, on the samples in examples/
#   make check      every test (SAN=address,undefined or SAN=thread: sanitizer builds;
#                   TESTS="test_buf x.bats": only these)
#   make lint       format, warnings as errors, analysers, man pages, layers
#   make bench      ratios against whatever peers are installed (N=lines, ROUNDS=turns, DATA=public rules)
#   make fuzz       every harness under libFuzzer for FUZZ_TIME seconds (FUZZ_ONLY="fuzz_json ...": only these)
#   make clean      removes build/
# What is too slow, or not kept here, for make check; what it fetches it puts into build/, pinned:
#   make check-crash    every state a crash can leave a log in, every failing call; 15 minutes
#   make check-flips    every bit of a head, 20,000 of tiles, and so on; some minutes
#   make check-stats    quality-agg --baseline against scipy, its false alarms and power; 5 minutes
#   make check-data     DATA=the published JSON test suite's test_parsing/
#   make check-tlog     DATA=a published transparency log: the folder of log/ and proofs/
#   make check-sigma    DATA=public Sigma rules, the SPL and the detections expected of them
#   make check-formats  audit-emit's formats, by others' validators and parsers (npm, PyPI, rsyslog)
#   make check-siem     the Splunk app and SARIF, by AppInspect and Microsoft's validator (PyPI, npm)
#   make check-peers    promtool, node_exporter, OpenTelemetry; Go's checksum database, signify, Tessera
#   make check-ops      examples/ops under rsyslog, logrotate, systemd, promtool (OPS_LINES=lines)
#   make check-cloud    delivery and retention, with the aws client against moto (PyPI); 15 minutes
#   make check-scale    quality-agg by GNU parallel and Spark (PyPI) (LINES=lines)
#   make check-look     quality-agg's pages in Chromium, and by HTML Tidy
#   make install    DESTDIR, PREFIX and the rest below are honoured; make uninstall
# Objects are found by wildcard: a new module is a new file, and no edit here.

VERSION := 0.1.0
PREFIX  ?= /usr/local
BINDIR  ?= $(PREFIX)/bin
MANDIR  ?= $(PREFIX)/share/man
DATADIR ?= $(PREFIX)/share/audit-tools
DOCDIR  ?= $(PREFIX)/share/doc/audit-tools
BASHCOMPDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHCOMPDIR  ?= $(PREFIX)/share/zsh/site-functions
FISHCOMPDIR ?= $(PREFIX)/share/fish/vendor_completions.d

SAN   ?=
comma := ,
B     := build$(if $(SAN),/san-$(subst $(comma),-,$(SAN)))
Q     := $(if $(V),,@)
say    = $(if $(V),,@printf '  %-6s %s\n' $(1) $(2))
# Sub-makes use every core unless the caller said how many.
MAKEJ  = $(MAKE) --no-print-directory $(if $(V),,-s) $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc))

CFLAGS ?= -O2 -g
WARN   := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
          -Wwrite-strings -Wformat=2 -Wundef -Wvla -Wpointer-arith
HARDEN := -fstack-protector-strong $(if $(SAN),,-D_FORTIFY_SOURCE=2)
SANFLAGS := $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all)
OURS   := -std=c11 -D_GNU_SOURCE -Ilib -iquote . -pthread $(WARN) $(HARDEN) $(SANFLAGS) \
          '-ffile-prefix-map=$(CURDIR)=.' -DVERSION='"$(VERSION)"' -DDATADIR='"$(DATADIR)"' $(LINT_FLAGS)
LDLIBS := -Wl,--as-needed -Wl,-z,relro,-z,now -lcrypto -ljq -lyaml -lpcre2-8 -lzstd -lz -lm
LINK    = $(CC) $(CFLAGS) $(SANFLAGS) -pthread $(LDFLAGS)
LINKFUZZ = $(LINK)
FUZZMAIN = $(B)/tests/fuzz/replay.o

TOOLS  := audit-emit audit-hash audit-verify quality-agg siem-rules
LIBO   := $(patsubst %.c,$(B)/%.o,$(wildcard lib/*/*.c lib/*/*/*.c))
toolo   = $(patsubst %.c,$(B)/%.o,$(wildcard cmd/$(1).c cmd/$(1)/*.c))
BINS   := $(TOOLS:%=$(B)/%)
UNITS  := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(wildcard tests/unit/test_*.c))
FUZZ   := $(patsubst tests/fuzz/%.c,$(B)/tests/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))

.PHONY: check-formats check-cloud check-scale check-siem
.PHONY: check-crash check-ops check-stats check-look check-peers check-flips
.PHONY: all check check-data check-sigma check-tlog lint bench demo fuzz install uninstall clean
.PHONY: completions units fuzzers objects objects-tools FORCE
.SECONDARY: $(UNITS:=.o) $(FUZZ:=.o)
all: $(BINS)

# What is missing is said once, clearly, instead of as a page of compiler errors.
$(B)/headers: .ci/install-deps
	$(Q)mkdir -p $(@D) && CC='$(CC)' CPPFLAGS='$(CPPFLAGS)' .ci/install-deps headers && touch $@

# Other flags, other objects: what was built for one PREFIX is not installed under another.
FLAGS   = $(CC) $(CPPFLAGS) $(CFLAGS) $(OURS)
$(B)/flags: FORCE
	$(Q)mkdir -p $(@D) && printf '%s\n' '$(subst ','\'',$(FLAGS))' | cmp -s - $@ || \
	    printf '%s\n' '$(subst ','\'',$(FLAGS))' >$@
FORCE:

define tool_rule
$(B)/$(1): $(call toolo,$(1)) $(B)/lib.a
	$$(call say,LD,$$@)
	$$(Q)$$(LINK) -o $$@ $(call toolo,$(1)) $(B)/lib.a $$(LDLIBS)
endef
$(foreach t,$(TOOLS),$(eval $(call tool_rule,$(t))))

$(B)/lib.a: $(LIBO)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/%.o: %.c $(B)/flags | $(B)/headers
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(FLAGS) -MMD -MP -c -o $@ $<

$(B)/tests/unit/%: $(B)/tests/unit/%.o $(B)/lib.a
	$(call say,LD,$@)
	$(Q)$(LINK) -o $@ $< $(B)/lib.a $(LDLIBS)

$(B)/tests/fuzz/%: $(B)/tests/fuzz/%.o $(B)/tests/fuzz/replay.o $(B)/lib.a
	$(call say,LD,$@)
	$(Q)$(LINKFUZZ) $(WRAP) -o $@ $(filter %.o,$(filter-out %/replay.o,$^)) $(FUZZMAIN) $(B)/lib.a $(LDLIBS)

# What a harness tests of a tool besides the library.
$(B)/tests/fuzz/fuzz_quality $(B)/tests/fuzz/fuzz_otel: $(filter-out %/main.o,$(call toolo,quality-agg))
$(B)/tests/fuzz/fuzz_verify_state $(B)/tests/fuzz/fuzz_hints: \
    $(filter-out %/main.o,$(call toolo,audit-verify)) $(B)/tests/fuzz/world.o

# Those whose input is had again with calls that fail (tests/fuzz/fault.h), and what can fail.
FAULTY := agg_state hints manifest note proof segment tile verify_state
FAULTS := read pread __read_chk __pread_chk write pwrite open openat __open_2 __openat_2 stat lstat fstat fstatat \
    lseek fsync fdatasync syncfs rename renameat renameat2 linkat unlink unlinkat mkdirat fchmod fchown ftruncate \
    flock fdopendir readdir malloc calloc realloc reallocarray aligned_alloc inflateInit2_ ZSTD_createDStream \
    warn warn_at warn_errno warn_text note note_at
$(FAULTY:%=$(B)/tests/fuzz/fuzz_%): $(B)/tests/fuzz/fault.o
$(FAULTY:%=$(B)/tests/fuzz/fuzz_%): WRAP = $(FAULTS:%=-Wl,--wrap=%)

$(B)/bench/%: $(B)/bench/%.o $(B)/lib.a
	$(call say,LD,$@)
	$(Q)$(LINK) -o $@ $< $(B)/lib.a $(LDLIBS)

demo:
	$(Q).ci/install-deps build
	$(Q)+$(MAKEJ) all
	$(Q)PATH="$(CURDIR)/$(B):$$PATH" examples/demo.sh build/demo

bench:
	$(Q).ci/install-deps build check
	$(Q)+$(MAKEJ) all $(B)/bench/gen $(B)/bench/turns $(B)/bench/syncs $(B)/bench/json
	$(Q)DATA='$(DATA)' bench/run.sh $(B)

# What make lint compiles under warnings and analysers: every source once, nothing linked.
objects-tools: $(LIBO) $(foreach t,$(TOOLS),$(call toolo,$(t)))
objects: objects-tools $(patsubst %.c,$(B)/%.o,$(wildcard tests/*/*.c bench/*.c))

lint:
	$(Q).ci/install-deps build check lint
	$(Q)+$(MAKEJ) all
	$(Q)MAKE='$(MAKE)' tests/lint/run.sh

units: $(UNITS)
fuzzers: $(FUZZ)

# Completions are made from the option tables, by asking the tools.
COMPLETIONS := $(TOOLS:%=$(B)/completions/bash/%) $(TOOLS:%=$(B)/completions/zsh/_%) \
    $(TOOLS:%=$(B)/completions/fish/%.fish)
completions: $(COMPLETIONS)
$(B)/completions/bash/%: $(B)/% cmd/completions.sh
	$(call say,GEN,$@)
	$(Q)mkdir -p $(@D) && $< --dump-options >$@.tab && cmd/completions.sh bash $* <$@.tab >$@ && rm $@.tab
$(B)/completions/zsh/_%: $(B)/% cmd/completions.sh
	$(call say,GEN,$@)
	$(Q)mkdir -p $(@D) && $< --dump-options >$@.tab && cmd/completions.sh zsh $* <$@.tab >$@ && rm $@.tab
$(B)/completions/fish/%.fish: $(B)/% cmd/completions.sh
	$(call say,GEN,$@)
	$(Q)mkdir -p $(@D) && $< --dump-options >$@.tab && cmd/completions.sh fish $* <$@.tab >$@ && rm $@.tab

# One list of what is installed, "MODE SOURCE TARGET" a line, read by install and uninstall.
MAN    := $(wildcard man/*.[1-9])
SHARED := $(sort $(shell find rules -type f 2>/dev/null))
DOCS   := README.md LICENSE $(sort $(shell find examples -type f 2>/dev/null))
define installed
$(foreach f,$(BINS),755 $(f) $(BINDIR)/$(notdir $(f))
)$(foreach f,$(MAN),644 $(f) $(MANDIR)/man$(subst .,,$(suffix $(f)))/$(notdir $(f))
)$(foreach f,$(SHARED),644 $(f) $(DATADIR)/$(f)
)$(foreach f,$(DOCS),$(if $(filter %.sh,$(f)),755,644) $(f) $(DOCDIR)/$(f)
)$(foreach t,$(TOOLS),644 $(B)/completions/bash/$(t) $(BASHCOMPDIR)/$(t)
644 $(B)/completions/zsh/_$(t) $(ZSHCOMPDIR)/_$(t)
644 $(B)/completions/fish/$(t).fish $(FISHCOMPDIR)/$(t).fish
)
endef
export INSTALLED = $(installed)

install: all completions
	$(Q)printf '%s\n' "$$INSTALLED" | while read -r mode from to; do \
		[ -z "$$to" ] || { echo "  INST   $(DESTDIR)$$to" && \
		install -D -m "$$mode" "$$from" "$(DESTDIR)$$to"; } || exit 1; done

# What install put is removed, and of the folders only those of our own name, if empty.
uninstall:
	$(Q)printf '%s\n' "$$INSTALLED" | while read -r mode from to; do \
		[ -z "$$to" ] || rm -f "$(DESTDIR)$$to" || exit 1; done
	$(Q)for d in "$(DESTDIR)$(DATADIR)" "$(DESTDIR)$(DOCDIR)"; do \
		[ ! -d "$$d" ] || find "$$d" -depth -type d -empty -delete; done

check:
	$(Q).ci/install-deps build check
	$(Q)+$(MAKEJ) all units fuzzers $(B)/tests/flips/flips
	$(Q)tests/run.sh $(B) $(UNITS) $(FUZZ)

# Every state that a crash of the machine can leave a log in, every system call of append failing once, and eight
# writers killed again and again beside a verifier: what make check does a part of, in full.  Some 15 minutes.
check-crash:
	$(Q).ci/install-deps build check
	$(Q)+$(MAKEJ) all
	$(Q)tests/crash/run.sh '$(B)'

# examples/ops against Debian's rsyslog, logrotate, systemd, promtool and node_exporter (OPS_LINES: through rsyslog).
check-ops:
	$(Q).ci/install-deps build check ops
	$(Q)+$(MAKEJ) all
	$(Q)BUILD='$(CURDIR)/$(B)' bats tests/ops/ops.bats

# What DATA is to hold, said in place of a failure of each test.
data_has = $(Q)[ -n '$(firstword $(wildcard $(1)))' ] || { echo 'make: $@: DATA is to be $(2)' >&2; exit 2; }

# The published JSON test suite, which is not kept here: DATA is the folder of its y_*, n_* and i_* files.
check-data: $(B)/tests/unit/jsonsuite
	$(call data_has,$(DATA)/y_*,the folder of the y_* n_* and i_* files of JSONTestSuite)
	$(Q)$< '$(DATA)'

# The published log of transparency-dev/tessera and the proofs of transparency-dev/merkle, not kept here either:
# DATA is the folder that holds log/ and proofs/, or its log/.
check-tlog: $(B)/audit-verify $(B)/tests/unit/tlogsuite $(B)/tests/unit/proofsuite
	$(call data_has,$(DATA)/log/checkpoint* $(DATA)/checkpoint*,the folder that holds log/ and proofs/)
	$(Q)$(B)/tests/unit/tlogsuite '$(if $(wildcard $(DATA)/log),$(DATA)/log,$(DATA))'
	$(Q)tests/tlog/verify.sh $(B) '$(if $(wildcard $(DATA)/log),$(DATA)/log,$(DATA))'
	$(Q)$(B)/tests/unit/proofsuite '$(if $(wildcard $(DATA)/proofs),$(DATA)/proofs,$(DATA)/../proofs)'

# Every bit of a head, 20,000 of tiles, every one of manifests, and the rest: some minutes.
$(B)/tests/flips/flips: $(B)/tests/flips/flips.o $(B)/lib.a
	$(call say,LD,$@)
	$(Q)$(LINK) -o $@ $< $(B)/lib.a $(LDLIBS)
check-flips: all $(B)/tests/flips/flips
	$(Q)tests/flips/run.sh $(B) 70000 20000 0 2000 2000

# Public Sigma rules and the SPL expected of them: DATA is the folder that holds rules/ and expected-spl.jsonl.
check-sigma: $(B)/siem-rules
	$(call data_has,$(DATA)/expected-spl.jsonl,the folder that holds rules/ and expected-spl.jsonl)
	$(Q)tests/data/sigma_corpus.py '$(B)' '$(DATA)'
	$(Q)tests/oracle/agree.py '$(B)' --corpus '$(DATA)'
	$(Q)tests/data/sigma_events.py '$(B)' '$(DATA)'

# quality-agg over shards by GNU parallel and Spark: the bytes of one process.
check-scale:
	$(Q).ci/install-deps build check scale
	$(Q)+$(MAKEJ) $(B)/quality-agg $(B)/bench/gen
	$(Q)tests/scale/run.sh $(B)

# What others say of a Splunk app (Splunk's AppInspect) and of SARIF (Microsoft's validator), fetched into build/.
check-siem:
	$(Q).ci/install-deps build siem
	$(Q)+$(MAKEJ) $(B)/siem-rules
	$(Q)tests/siem/run.sh $(B)

# What others' validators and parsers say of audit-emit's formats; fetches them into build/peers.
check-formats:
	$(Q).ci/install-deps build check formats
	$(Q)+$(MAKEJ) $(B)/audit-emit
	$(Q)tests/formats/run.sh $(B)

# The statistics of quality-agg --baseline against scipy, its false alarms and its power.  Some 5 minutes.
check-stats:
	$(Q).ci/install-deps build check stats
	$(Q)+$(MAKEJ) $(B)/quality-agg $(B)/tests/unit/test_difference
	$(Q)tests/stats/run.sh $(B)

# Its pages in a real browser, at three widths, in both themes and in print.
check-look:
	$(Q).ci/install-deps build look
	$(Q)+$(MAKEJ) $(B)/quality-agg $(B)/bench/gen
	$(Q)tests/look/run.sh $(B)

# What promtool, node_exporter and the protocol of OpenTelemetry say of its formats; and what Go's checksum database
# client, signify and Tessera (fetched into build/peers) say of our logs.
check-peers:
	$(Q).ci/install-deps build peers
	$(Q)+$(MAKEJ) all $(B)/bench/gen
	$(Q)tests/peers/run.sh $(B)
	$(Q)tests/peers/log.sh $(B)

# Delivery and storage with the aws client against a moto server; fetches that into build/peers.
check-cloud:
	$(Q).ci/install-deps build check cloud
	$(Q)+$(MAKEJ) $(B)/audit-emit $(B)/audit-hash
	$(Q)tests/cloud/run.sh $(B)

# The harnesses with libFuzzer in build/fuzz; what it finds is kept there, the corpus in the tree is only read.
FUZZ_TIME ?= 60
FUZZ_ONLY ?= $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
fuzz:
	$(Q)+$(MAKEJ) fuzzers B=build/fuzz CC=clang SAN= HARDEN= \
	    SANFLAGS='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all' \
	    LINKFUZZ='clang -fsanitize=fuzzer,address,undefined -pthread' FUZZMAIN=
	$(Q)for f in $(FUZZ_ONLY); do \
		echo "  FUZZ   $$f"; mkdir -p build/fuzz/found/$$f && \
		build/fuzz/tests/fuzz/$$f -max_total_time=$(FUZZ_TIME) -print_final_stats=1 -verbosity=0 \
		    -artifact_prefix=build/fuzz/found/$$f. build/fuzz/found/$$f \
		    $$(ls -d tests/fuzz/corpus/$${f#fuzz_} 2>/dev/null) || exit 1; done

clean:
	rm -rf build

-include $(shell find build -name '*.d' 2>/dev/null)
