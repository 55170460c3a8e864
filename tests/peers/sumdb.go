// sumdb - a log of audit-hash, read by the client of Go's checksum database.
//
//	sumdb log DIR VKEY         every entry of the bundles in DIR against the tiles and the head
//	sumdb proof FILE VKEY LINE one tlog-proof, of the entry whose bytes are LINE
//	sumdb growth BODY VKEY OLD a consistency body, and the older head that it begins with
//
// Ends with 0 if all is well, else 1 and the reason.  golang.org/x/mod/sumdb does the cryptography:
// notes, record hashes, tiles and proofs are its; only paths and files are ours.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must(err error) {
	if err != nil {
		fmt.Println("sumdb:", err)
		os.Exit(1)
	}
}

func ensure(ok bool, format string, args ...interface{}) {
	if !ok {
		must(fmt.Errorf(format, args...))
	}
}

// head opens a signed head.
func head(text []byte, vkey string) (size int64, root tlog.Hash) {
	verifier, err := note.NewVerifier(strings.TrimSpace(vkey))
	must(err)
	n, err := note.Open(text, note.VerifierList(verifier))
	must(err)
	lines := strings.Split(n.Text, "\n")
	ensure(len(lines) >= 4 && lines[0] == verifier.Name(), "not a head of this log")
	size, err = strconv.ParseInt(lines[1], 10, 64)
	must(err)
	root, err = tlog.ParseHash(lines[2])
	must(err)
	return size, root
}

// tiles reads those of DIR: C2SP's path has no height in it.
type tiles struct{ dir string }

func (t tiles) Height() int                               { return 8 }
func (t tiles) SaveTiles(tiles []tlog.Tile, data [][]byte) {}
func (t tiles) ReadTiles(want []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range want {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(t.dir, path))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

// entries reads all bundles of a log of size entries.
func entries(dir string, size int64) [][]byte {
	var all [][]byte
	for n := int64(0); n*256 < size; n++ {
		tile := tlog.Tile{H: 8, L: 0, N: n, W: 256}
		if size-n*256 < 256 {
			tile.W = int(size - n*256)
		}
		path := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
		data, err := os.ReadFile(filepath.Join(dir, path))
		must(err)
		for i := 0; i < tile.W; i++ {
			ensure(len(data) >= 2, "bundle %d is short", n)
			length := int(binary.BigEndian.Uint16(data))
			ensure(len(data) >= 2+length, "bundle %d is short", n)
			all = append(all, data[2:2+length])
			data = data[2+length:]
		}
		ensure(len(data) == 0, "bundle %d has more than its entries", n)
	}
	return all
}

func checkLog(dir, vkey string) {
	text, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	must(err)
	size, root := head(text, vkey)
	all := entries(dir, size)
	// The root, from the entries alone.
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var out []tlog.Hash
		for _, i := range indexes {
			out = append(out, stored[i])
		}
		return out, nil
	})
	for i, entry := range all {
		hashes, err := tlog.StoredHashes(int64(i), entry, reader)
		must(err)
		stored = append(stored, hashes...)
	}
	again, err := tlog.TreeHash(size, reader)
	must(err)
	ensure(again == root, "the entries do not lead to the head")
	// Proofs from the tiles, each checked: the client's own tile reader is not to be trusted alone.
	tree := tlog.Tree{N: size, Hash: root}
	client := tlog.TileHashReader(tree, tiles{dir})
	proofs := 0
	for i := int64(0); i < size; i++ {
		if i%251 != 0 && i%256 > 1 && i%256 < 255 && i < size-300 {
			continue
		}
		p, err := tlog.ProveRecord(size, i, client)
		must(err)
		must(tlog.CheckRecord(p, size, root, i, tlog.RecordHash(all[i])))
		proofs++
	}
	fmt.Printf("sumdb: %d entries, root %v, %d proofs from the tiles\n", size, root, proofs)
}

// split parts a proof's file: the lines above its empty line, and the head below.
func split(file string) ([]string, []byte) {
	data, err := os.ReadFile(file)
	must(err)
	above, below, ok := strings.Cut(string(data), "\n\n")
	ensure(ok, "no empty line")
	return strings.Split(above, "\n"), []byte(below)
}

func hashes(lines []string) (all []tlog.Hash) {
	for _, line := range lines {
		data, err := base64.StdEncoding.DecodeString(line)
		must(err)
		var h tlog.Hash
		ensure(copy(h[:], data) == 32 && len(data) == 32, "not a hash")
		all = append(all, h)
	}
	return all
}

func number(line, word string) int64 {
	ensure(strings.HasPrefix(line, word+" "), "no %s line", word)
	n, err := strconv.ParseInt(line[len(word)+1:], 10, 64)
	must(err)
	return n
}

func checkProof(file, vkey, entry string) {
	lines, text := split(file)
	ensure(len(lines) >= 2 && lines[0] == "c2sp.org/tlog-proof@v1", "not a tlog-proof")
	size, root := head(text, vkey)
	must(tlog.CheckRecord(tlog.RecordProof(hashes(lines[2:])), size, root, number(lines[1], "index"),
		tlog.RecordHash([]byte(entry))))
}

func checkGrowth(file, vkey, oldFile string) {
	lines, text := split(file)
	size, root := head(text, vkey)
	oldText, err := os.ReadFile(oldFile)
	must(err)
	oldSize, oldRoot := head(oldText, vkey)
	ensure(oldSize == number(lines[0], "old"), "not from this head")
	must(tlog.CheckTree(tlog.TreeProof(hashes(lines[1:])), size, root, oldSize, oldRoot))
}

func main() {
	ensure(len(os.Args) >= 4, "usage")
	key, err := os.ReadFile(os.Args[3])
	must(err)
	switch os.Args[1] {
	case "log":
		checkLog(os.Args[2], string(key))
	case "proof":
		checkProof(os.Args[2], string(key), os.Args[4])
	case "growth":
		checkGrowth(os.Args[2], string(key), os.Args[4])
	default:
		ensure(false, "usage")
	}
}
