/* What stands in an evidence bundle's README and check.sh. */
#include "evidence.h"

/* The commands; those of a step stand in README as they stand in the script. */
static const char signature_step[] =
    "head -n %u head >\"$tmp/text\"\n"
    "head -n %u head | tail -n 1 | cut -d ' ' -f 3 | base64 -d | tail -c 64 "
    ">\"$tmp/signature\"\n"
    "openssl pkeyutl -verify -pubin -inkey \"$key\" -rawin -in \"$tmp/text\" -sigfile "
    "\"$tmp/signature\"";

static const char leaf_step[] =
    "head -n $((n - %llu + 1)) lines | tail -n 1 | head -c -1 >\"$tmp/line\"\n"
    "{ printf '\\000'; cat \"$tmp/line\"; } | openssl dgst -sha256 -binary >\"$tmp/hash\"\n";

static const char walk_step[] =
    "at=$n last=$((size - 1))\n"
    "{\n"
    "\tread -r mark && read -r index\n"
    "\twhile read -r step && [ -n \"$step\" ]; do\n"
    "\t\tprintf %%s \"$step\" | base64 -d >\"$tmp/step\"\n"
    "\t\t[ \"$(wc -c <\"$tmp/step\")\" -eq 32 ] && [ \"$(base64 \"$tmp/step\")\" = \"$step\" ] "
    "&&\n"
    "\t\t\t[ \"$last\" -gt 0 ] || last=-1\n"
    "\t\tif [ $((at %% 2)) -eq 1 ] || [ \"$at\" -eq \"$last\" ]; then\n"
    "\t\t\t{ printf '\\001'; cat \"$tmp/step\" \"$tmp/hash\"; } |\n"
    "\t\t\t\topenssl dgst -sha256 -binary >\"$tmp/next\"\n"
    "\t\t\twhile [ $((at %% 2)) -eq 0 ] && [ \"$at\" -ne 0 ]; do\n"
    "\t\t\t\tat=$((at / 2)) last=$((last / 2))\n"
    "\t\t\tdone\n"
    "\t\telse\n"
    "\t\t\t{ printf '\\001'; cat \"$tmp/hash\" \"$tmp/step\"; } |\n"
    "\t\t\t\topenssl dgst -sha256 -binary >\"$tmp/next\"\n"
    "\t\tfi\n"
    "\t\tmv \"$tmp/next\" \"$tmp/hash\"\n"
    "\t\t[ \"$last\" -lt 0 ] || at=$((at / 2)) last=$((last / 2))\n"
    "\tdone\n"
    "\tcat >\"$tmp/rest\" # the head\n"
    "} <\"proof/$n.tlog-proof\"\n"
    "[ \"$last\" -eq 0 ] && [ \"$mark, $index\" = \"c2sp.org/tlog-proof@v1, index $n\" ] &&\n"
    "\t[ \"$(sha256sum <\"$tmp/rest\")\" = \"$(sha256sum <head)\" ] &&\n"
    "\t[ \"$(base64 \"$tmp/hash\")\" = \"$(head -n 3 head | tail -n 1)\" ]";

static unsigned long long
ull(uint64_t v)
{
	return v;
}

/* Append text with four spaces before each line. */
static void
indent(struct buf *b, struct slice text)
{
	struct slice line;

	while (text.len > 0) {
		slice_cut(&text, '\n', &line);
		buf_str(b, "    ");
		buf_slice(b, line);
		buf_byte(b, '\n');
	}
}

static void
put_signature(struct buf *b, const struct evidence_words *w)
{
	buf_printf(b, signature_step, w->text, w->line);
}

static void
put_entry(struct buf *b, const struct evidence_words *w)
{
	buf_printf(b, leaf_step, ull(w->first));
	buf_printf(b, walk_step);
}

static void
put_files(struct buf *b, const struct evidence_words *w)
{
	buf_str(b, "Entries ");
	buf_printf(b, "%llu to %llu (counted from 0) of the %llu of the audit log\n\n    ",
	    ull(w->first), ull(w->last), ull(w->size));
	buf_slice(b, w->origin);
	buf_str(b,
	    "\n\nand all that is needed to check, without any tool of its owner, that they "
	    "stand in it as they\nare here.\n\n"
	    "    lines      the entries, one a line, byte for byte\n"
	    "    head       the log's head: its name, how many entries it has, the root of "
	    "all their hashes,\n"
	    "               and the log's signature of that (c2sp.org/tlog-checkpoint)\n"
	    "    key.pem    the log's public key (Ed25519)\n"
	    "    proof/N.tlog-proof\n"
	    "               the hashes that lead from entry N to the root "
	    "(c2sp.org/tlog-proof)\n"
	    "    check.sh   the commands below, for every entry: sh check.sh\n\n"
	    "What it proves, and what not: whoever signed the head with the key's secret "
	    "had exactly these\nentries at these places.  That the key is the log's, "
	    "key.pem cannot say of itself: compare it with\nthe key that the owner "
	    "published, or give that one: sh check.sh THEIR.pem.  That the head is the\n"
	    "newest, and that the log holds all that happened, is not shown here.\n\n");
}

void
evidence_readme(struct buf *b, const struct evidence_words *w)
{
	struct buf step = { 0 };

	put_files(b, w);
	buf_str(b, "To be run here, in a POSIX shell, with coreutils and openssl.\n\n");
	indent(b, SLICE("tmp=$(mktemp -d) key=key.pem"));
	buf_str(b,
	    "\n1. The head is signed by the key: this must say Signature Verified "
	    "Successfully.\n\n");
	put_signature(&step, w);
	indent(b, buf_view(&step));
	buf_str(b,
	    "\n2. The hash of an entry's line, a zero byte before it: here of the first one, n "
	    "can be any.\n\n");
	buf_reset(&step);
	buf_printf(&step, "n=%llu size=%llu\n", ull(w->first), ull(w->size));
	buf_printf(&step, leaf_step, ull(w->first));
	indent(b, buf_view(&step));
	buf_str(b,
	    "\n3. From there to the root (RFC 9162, section 2.1.3.2): the entry is in the log "
	    "if this says ok.\n\n");
	buf_reset(&step);
	buf_printf(&step, walk_step);
	buf_printf(&step, " && echo ok");
	indent(b, buf_view(&step));
	buf_free(&step);
}

void
evidence_script(struct buf *b, const struct evidence_words *w)
{
	buf_str(b,
	    "#!/bin/sh\n"
	    "# check.sh [KEY.pem] - are the entries in lines those of the log?  See "
	    "README.\n"
	    "# Needs a POSIX shell, coreutils and openssl.\n"
	    "set -eu\n"
	    "key=${1:-$(dirname \"$0\")/key.pem}\n"
	    "case $key in\n/*) ;;\n*) key=$PWD/$key ;;\nesac\n"
	    "cd \"$(dirname \"$0\")\"\n"
	    "tmp=$(mktemp -d)\n"
	    "trap 'rm -rf \"$tmp\"' EXIT\n"
	    "bad() {\n\techo \"check.sh: $1\" >&2\n\texit 1\n}\n\n");
	put_signature(b, w);
	buf_str(b, " >\"$tmp/said\" ||\n\tbad 'head: the signature is not by this key'\n");
	buf_str(b,
	    "[ $# -gt 0 ] || [ \"$(openssl pkey -pubin -in key.pem | sha256sum)\" = "
	    "\"$(sha256sum <key.pem)\" ] ||\n\tbad 'key.pem: was changed'\n");
	buf_printf(b,
	    "size=$(head -n 2 head | tail -n 1)\n"
	    "[ \"$size\" -gt %llu ] || bad 'head: has not so many entries'\n",
	    ull(w->last));
	buf_printf(b,
	    "[ \"$(wc -l <lines)\" -eq %llu ] || bad 'lines: too few or too many'\n\n",
	    ull(w->last - w->first + 1));
	buf_printf(b, "n=%llu\nwhile [ \"$n\" -le %llu ]; do\n", ull(w->first), ull(w->last));
	put_entry(b, w);
	buf_str(b,
	    " || bad \"entry $n is not the one in the log\"\n"
	    "n=$((n + 1))\ndone\n");
	buf_printf(b, "echo \"ok: entries %llu to %llu of $size, $(head -n 1 head)\"\n",
	    ull(w->first), ull(w->last));
	buf_str(b,
	    "echo \"key: $(openssl pkey -pubin -in \"$key\" -outform DER | sha256sum | cut "
	    "-d ' ' -f 1)\"\n");
}
