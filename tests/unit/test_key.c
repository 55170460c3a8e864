/* Keys and signatures against published ones. */
#include "check.h"

#include <stdlib.h>

#include "base/digest.h"
#include "log/key.h"
#include "log/note.h"

/* golang/mod sumdb/note/example_test.go; C2SP signed-note.md; sunlight cmd/skylight/testdata/witness. */
#define NEUMANN_SKEY                                                                           \
	"PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
#define NEUMANN_VKEY "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define FOO_VKEY "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
#define WITNESS_VKEY "witness.example.org+b8a2cf20+BFLN3yikSfFkVAJtrnh/CiY3Zozkoy7clp+P7XB28qUN"

static const char neumann_text[] = "If you think cryptography is the answer to your problem,\n"
				   "then you don't know what your problem is.\n";
static const char neumann_line[] =
    "\xe2\x80\x94 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSN"
    "XgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

static void
round_trips(void)
{
	static const char *const vkeys[] = { NEUMANN_VKEY, FOO_VKEY, WITNESS_VKEY };
	struct buf b = { 0 };
	struct vkey v;
	struct skey s;

	for (size_t i = 0; i < 3; i++) {
		CHECK(vkey_get(slice_of(vkeys[i]), &v, NULL) == 0);
		buf_reset(&b);
		vkey_put(&b, &v);
		CHECK_BYTES(b.p, b.len, vkeys[i]);
	}
	CHECK(skey_get(slice_of(NEUMANN_SKEY), &s, NULL) == 0);
	buf_reset(&b);
	skey_put(&b, &s);
	CHECK_BYTES(b.p, b.len, NEUMANN_SKEY);
	buf_reset(&b);
	vkey_put(&b, &s.vkey);
	CHECK_BYTES(b.p, b.len, NEUMANN_VKEY);
	skey_wipe(&s);
	buf_free(&b);
}

static void
signs_the_published_note(void)
{
	struct buf b = { 0 };
	uint8_t sig[KEY_SIG];
	struct skey s;

	CHECK(skey_get(slice_of(NEUMANN_SKEY), &s, NULL) == 0);
	CHECK(skey_sign(&s, slice_of(neumann_text), sig) == 0);
	note_put_line(&b, slice_of(s.vkey.name), s.vkey.id, sig, sizeof sig);
	CHECK_BYTES(b.p, b.len, neumann_line);
	skey_wipe(&s);
	buf_free(&b);
}

static bool
verifies(const char *vkey, const char *text, const char *line, int64_t *time)
{
	struct buf b = { 0 };
	struct note n = { 0 };
	struct vkey k;
	bool ok;

	buf_printf(&b, "%s\n%s", text, line);
	ok = CHECK(vkey_get(slice_of(vkey), &k, NULL) == 0) &&
	    CHECK(note_get(buf_view(&b), &n, NULL) == 0) && CHECK(n.line[0].id == k.id) &&
	    CHECK(slice_is(n.line[0].name, k.name)) &&
	    vkey_verify(&k, n.text, n.line[0].blob, time);
	note_free(&n);
	buf_free(&b);
	return ok;
}

static void
verifies_published_notes(void)
{
	static const char foo_line[] =
	    "\xe2\x80\x94 example.com/foo "
	    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1E"
	    "RYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
	static const char rome[] =
	    "rome2026h1.example.org\n300\nlCkHUpkmVBEms2r2T1K6Og69+wUuuN3MIEW1/ezu2v0=\n";
	static const char witness_line[] =
	    "\xe2\x80\x94 witness.example.org "
	    "uKLPIAAAAABpVGeAhm2bOvKc3LaB9PFN1ruG19Y5yqslmcAAbhft"
	    "nn1Zznmo0LXFZq4LGvqKqLX8jWlwLKasxEGTLIqAVusneCBmBw==\n";
	int64_t time = 0;

	CHECK(verifies(NEUMANN_VKEY, neumann_text, neumann_line, NULL));
	CHECK(!verifies(NEUMANN_VKEY, "If you think otherwise.\n", neumann_line, NULL));
	CHECK(verifies(FOO_VKEY, "This is an example message.\n", foo_line, NULL));
	CHECK(!verifies(FOO_VKEY, "This is an example message.\n\n", foo_line, NULL));
	CHECK(verifies(WITNESS_VKEY, rome, witness_line, &time));
	CHECK(time == 1767139200);
	CHECK(!verifies(WITNESS_VKEY, neumann_text, witness_line, &time));
}

/* The first 4 bytes of SHA-256(name || LF || alg || key), by hand. */
static uint32_t
id_of(const struct vkey *k)
{
	struct buf b = { 0 };
	struct hash h;

	buf_printf(&b, "%s\n%c", k->name, k->alg);
	buf_add(&b, k->pub, KEY_BYTES);
	sha256(buf_view(&b), &h);
	buf_free(&b);
	return (uint32_t)h.b[0] << 24 | (uint32_t)h.b[1] << 16 | (uint32_t)h.b[2] << 8 | h.b[3];
}

/* Seed 00..1f over the size 8 checkpoint of tessera testdata/log; made with an independent script. */
static void
cosigns_deterministically(void)
{
	static const char text[] =
	    "example.com/log/testdata\n8\nbC+VwvrJbalNVjfkdI8kUgs7mJoXrqiXCE7bgnD28pY=\n";
	struct buf b = { 0 };
	uint8_t blob[KEY_COSIG];
	struct vkey cosigner, note;
	struct skey s;

	CHECK(
	    vkey_get(SLICE("example.com/witness/w1+fc0412c4+BAOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx"
			   "3chmQSVTG4"),
		&cosigner, NULL) == 0);
	note = cosigner;
	note.alg = KEY_NOTE;
	note.id = id_of(&note);
	buf_printf(&b, "PRIVATE+KEY+%s+%08x+AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f",
	    note.name, (unsigned)note.id);
	CHECK(skey_get(buf_view(&b), &s, NULL) == 0);
	buf_reset(&b);
	CHECK(skey_cosign(&s, slice_of(text), 1700000000, blob) == 0);
	note_put_line(&b, slice_of(cosigner.name), cosigner.id, blob, sizeof blob);
	CHECK_BYTES(b.p, b.len,
	    "\xe2\x80\x94 example.com/witness/w1 "
	    "/AQSxAAAAABlU/EAPqSHtINlMX9h0DOasTy7ZrDZWOB3cxwfx7"
	    "jafBjUdhrur+S+tLBNaVJnkk9IykOkwdCBnYACW1zGMhiFbfjGDg==\n");
	CHECK(memcmp(s.vkey.pub, cosigner.pub, KEY_BYTES) == 0);
	CHECK(vkey_cosigner(&s.vkey).id == cosigner.id);
	skey_wipe(&s);
	buf_free(&b);
}

static const char *
refused(const char *text)
{
	struct diag d = { NULL, 0 };
	struct vkey k;

	return vkey_get(slice_of(text), &k, &d) == -1 ? d.rule : "accepted";
}

static void
refuses_damaged_keys(void)
{
	CHECK(strcmp(refused(""), "key-syntax") == 0);
	CHECK(strcmp(refused("+c74f20a3+AR"), "key-name") == 0);
	CHECK(strcmp(refused("a b+c74f20a3+AR"), "key-name") == 0);
	CHECK(strcmp(
		  refused("PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"),
		  "key-id") == 0);
	CHECK(strcmp(
		  refused("PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"),
		  "key-syntax") == 0);
	CHECK(strcmp(
		  refused("PeterNeumann+c74f20a3+AhpcxQcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"),
		  "key-alg") == 0);
	CHECK(strcmp(refused(NEUMANN_VKEY "\n"), "key-syntax") == 0);
	CHECK(strcmp(
		  refused("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy1w=="),
		  "key-syntax") == 0);
}

static void
judges_names(void)
{
	char longest[KEY_NAME_MAX + 1];

	memset(longest, 'n', sizeof longest);
	CHECK(key_name_ok(SLICE("example.com/log")));
	CHECK(key_name_ok(SLICE("caf\xc3\xa9")));
	CHECK(key_name_ok((struct slice){ longest, KEY_NAME_MAX }));
	CHECK(!key_name_ok((struct slice){ longest, KEY_NAME_MAX + 1 }));
	CHECK(!key_name_ok(SLICE("")));
	CHECK(!key_name_ok(SLICE("a+b")));
	CHECK(!key_name_ok(SLICE("a b")));
	CHECK(!key_name_ok(SLICE("a\tb")));
	CHECK(!key_name_ok(SLICE("a\0b")));
	CHECK(!key_name_ok(SLICE("a\x7f")));
	CHECK(!key_name_ok(SLICE("a\xc2\xa0")));     /* no-break space */
	CHECK(!key_name_ok(SLICE("a\xe2\x80\xa8"))); /* line separator */
	CHECK(!key_name_ok(SLICE("a\xe3\x80\x80"))); /* ideographic space */
	CHECK(!key_name_ok(SLICE("a\xff")));
	CHECK(!key_name_ok(SLICE("a\xed\xa0\x80"))); /* surrogate */
	CHECK(!key_name_ok(SLICE("a\xc0\xaf")));     /* overlong */
	CHECK(!key_name_ok(SLICE("cosignature/v1")));
}

static void
makes_keys(void)
{
	struct skey a, b, again;
	struct buf text = { 0 };

	CHECK(skey_make(SLICE("example.com/log"), KEY_NOTE, &a) == 0);
	CHECK(skey_make(SLICE("example.com/log"), KEY_NOTE, &b) == 0);
	CHECK(memcmp(a.seed, b.seed, sizeof a.seed) != 0);
	skey_wipe(&b);
	CHECK(skey_make(SLICE("no name"), KEY_NOTE, &b) == -1);
	CHECK(skey_make(SLICE("witness"), KEY_COSIGN, &b) == 0 && b.vkey.alg == KEY_COSIGN);
	CHECK(vkey_cosigner(&b.vkey).id == b.vkey.id);
	skey_wipe(&b);
	skey_put(&text, &a);
	CHECK(skey_get(buf_view(&text), &again, NULL) == 0);
	CHECK(again.vkey.id == a.vkey.id && memcmp(again.vkey.pub, a.vkey.pub, KEY_BYTES) == 0);
	skey_wipe(&a);
	skey_wipe(&again);
	for (size_t i = 0; i < KEY_BYTES; i++)
		CHECK(again.seed[i] == 0);
	buf_free(&text);
}

static void
reads_files_of_keys(void)
{
	struct vkey *keys;
	struct diag d;
	size_t n;

	CHECK(vkeys_get(SLICE(NEUMANN_VKEY "\n\n" FOO_VKEY), &keys, &n, &d) == 0);
	CHECK(n == 2 && strcmp(keys[1].name, "example.com/foo") == 0);
	free(keys);
	CHECK(vkeys_get(SLICE("\n"), &keys, &n, &d) == -1 && strcmp(d.rule, "key-none") == 0);
	CHECK(vkeys_get(SLICE(NEUMANN_VKEY "\nnot a key\n"), &keys, &n, &d) == -1);
}

int
main(void)
{
	round_trips();
	signs_the_published_note();
	verifies_published_notes();
	cosigns_deterministically();
	refuses_damaged_keys();
	judges_names();
	makes_keys();
	reads_files_of_keys();
	return check_done();
}
