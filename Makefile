# One makefile for everything.  build/ is the only place that builds write to.
#   make            the five tools, as build/TOOL
#   make demo       the main job, end to end, on the samples in examples/
#   make check      every test (SAN=address,undefined or SAN=thread: sanitizer builds)
#   make lint       format, warnings as errors, analysers, man pages, layers
#   make bench      ratios against whatever peers are installed
# Objects are found by wildcard: a new module is a new file, and no edit here.

VERSION := 0.1.0
PREFIX  ?= /usr/local
BINDIR  ?= $(PREFIX)/bin
MANDIR  ?= $(PREFIX)/share/man
DATADIR ?= $(PREFIX)/share/audit-tools
BASHCOMPDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHCOMPDIR  ?= $(PREFIX)/share/zsh/site-functions
FISHCOMPDIR ?= $(PREFIX)/share/fish/vendor_completions.d

SAN   ?=
B     := build$(if $(SAN),/san-$(subst $(comma),-,$(SAN)))
comma := ,
B     := build$(if $(SAN),/san-$(subst $(comma),-,$(SAN)))
Q     := $(if $(V),,@)
say    = $(if $(V),,@printf '  %-6s %s\n' $(1) $(2))

CFLAGS ?= -O2 -g
WARN   := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
          -Wwrite-strings -Wformat=2 -Wundef -Wvla -Wpointer-arith
HARDEN := -fstack-protector-strong $(if $(SAN),,-D_FORTIFY_SOURCE=2)
SANFLAGS := $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all)
OURS   := -std=c11 -D_GNU_SOURCE -Ilib -pthread $(WARN) $(HARDEN) $(SANFLAGS) \
          -ffile-prefix-map=$(CURDIR)=. -DVERSION='"$(VERSION)"' -DDATADIR='"$(DATADIR)"'
LDLIBS := -Wl,--as-needed -Wl,-z,relro,-z,now -lcrypto -ljq -lyaml -lpcre2-8 -lzstd -lz -lm

TOOLS  := audit-emit audit-hash audit-verify quality-agg siem-rules
BINS   := $(TOOLS:%=$(B)/%)
LIBO   := $(patsubst %.c,$(B)/%.o,$(wildcard lib/*/*.c lib/*/*/*.c))
toolo   = $(patsubst %.c,$(B)/%.o,$(wildcard cmd/$(1).c cmd/$(1)/*.c))
UNITS  := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(wildcard tests/unit/test_*.c))
FUZZ   := $(patsubst tests/fuzz/%.c,$(B)/tests/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))

.PHONY: all check lint bench demo install uninstall clean units fuzzers
all: $(BINS)

define tool_rule
$(B)/$(1): $(call toolo,$(1)) $(B)/lib.a
	$$(call say,LD,$$@)
	$$(Q)$$(CC) $$(CFLAGS) $$(SANFLAGS) -pthread $$(LDFLAGS) -o $$@ $(call toolo,$(1)) $(B)/lib.a $$(LDLIBS)
endef
$(foreach t,$(TOOLS),$(eval $(call tool_rule,$(t))))

$(B)/lib.a: $(LIBO)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/%.o: %.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(CPPFLAGS) $(CFLAGS) $(OURS) -MMD -MP -c -o $@ $<

$(B)/tests/unit/%: $(B)/tests/unit/%.o $(B)/lib.a
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(SANFLAGS) -pthread $(LDFLAGS) -o $@ $< $(B)/lib.a $(LDLIBS)

# A fuzz harness is replayed over its corpus by make check; FUZZ=1 links libFuzzer instead.
$(B)/tests/fuzz/%: $(B)/tests/fuzz/%.o $(B)/tests/fuzz/replay.o $(B)/lib.a
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(SANFLAGS) -pthread $(LDFLAGS) -o $@ $< $(B)/tests/fuzz/replay.o $(B)/lib.a $(LDLIBS)

units: $(UNITS)
fuzzers: $(FUZZ)

clean:
	rm -rf build

-include $(shell find build -name '*.d' 2>/dev/null)
