// Verify asks golang.org/x/mod, which we did not write, about a log: its checkpoint, its tiles, its leaves, and proofs.
//
// It knows of the project what docs/formats.md §14 says and nothing else. What differs from the Go checksum database is
// the path of a tile (its height, always 8, is left out) and the form of leaves (bundles of length-prefixed bytes).
//
// Standard input and output are JSON; bytes are base64, an empty text in an answer means that it holds.
package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	height = 8
	width  = 1 << height
)

type tree struct {
	Size int64
	Root []byte
}

type record struct {
	tree
	Index int64
	Leaf  []byte
	Proof [][]byte
}

type growth struct {
	tree
	Old     int64
	OldRoot []byte `json:"old_root"`
	Proof   [][]byte
}

type question struct {
	Folder  string
	Vkey    string
	Records []record
	Growths []growth
}

type answer struct {
	Checkpoint string   `json:"checkpoint"`
	Name       string   `json:"name"`
	Size       int64    `json:"size"`
	Root       []byte   `json:"root"`
	Signed     []string `json:"signed"`
	PassedBy   []string `json:"passed_by"`
	Leaves     string   `json:"leaves"`
	Tiles      string   `json:"tiles"`
	Records    []string `json:"records"`
	Growths    []string `json:"growths"`
	OwnRecords []bool   `json:"own_records"`
	OwnGrowths []bool   `json:"own_growths"`
}

// folder is the log as plain files; it reads tiles for tlog.TileHashReader.
type folder string

func (f folder) Height() int                         { return height }
func (f folder) SaveTiles(_ []tlog.Tile, _ [][]byte) {}

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range tiles {
		data, err := f.file(tile)
		if err != nil {
			return nil, err
		}
		if len(data) < tile.W*tlog.HashSize {
			return nil, fmt.Errorf("%s is too short", tile.Path())
		}
		found = append(found, data[:tile.W*tlog.HashSize])
	}
	return found, nil
}

// file reads a tile, or the full one where the partial one is gone.
func (f folder) file(tile tlog.Tile) ([]byte, error) {
	path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", height), "tile/", 1)
	path = strings.Replace(path, "tile/data/", "tile/entries/", 1)
	data, err := os.ReadFile(filepath.Join(string(f), path))
	if errors.Is(err, os.ErrNotExist) && tile.W < width {
		tile.W = width
		return f.file(tile)
	}
	return data, err
}

// stored are the hashes of a tree in the order in which tlog numbers them.
type stored []tlog.Hash

func (s *stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var found []tlog.Hash
	for _, index := range indexes {
		if index >= int64(len(*s)) {
			return nil, errors.New("no such hash")
		}
		found = append(found, (*s)[index])
	}
	return found, nil
}

// tree works out all hashes over the leaves of the bundles.
func (f folder) tree(size int64) (*stored, error) {
	found := &stored{}
	for place := int64(0); place < size; {
		bundle := tlog.Tile{H: height, L: -1, N: place / width, W: width}
		if size-place < width {
			bundle.W = int(size - place)
		}
		data, err := f.file(bundle)
		if err != nil {
			return nil, err
		}
		for end := place + int64(bundle.W); place < end; place++ {
			if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
				return nil, fmt.Errorf("%s is cut short", bundle.Path())
			}
			length := 2 + int(binary.BigEndian.Uint16(data))
			hashes, err := tlog.StoredHashes(place, data[2:length], found)
			if err != nil {
				return nil, err
			}
			*found, data = append(*found, hashes...), data[length:]
		}
	}
	return found, nil
}

// compare tells the first tile that is not what the leaves make of it.
//
// This is not left to tlog.TileHashReader: before x/mod 0.40 it takes some tiles unseen (CVE-2026-56865).
func (f folder) compare(size int64, hashes *stored) error {
	for _, tile := range tlog.NewTiles(height, 0, size) {
		if tile.W < width && int64(tile.W) != size>>(height*tile.L)%width {
			continue // of a smaller tree
		}
		data, err := f.file(tile)
		if err != nil {
			return err
		}
		made, err := tlog.ReadTileData(tile, hashes)
		if err != nil {
			return err
		}
		if !bytes.Equal(data, made) {
			return fmt.Errorf("%s is not the tile of its leaves", tile.Path())
		}
	}
	return nil
}

// open opens the checkpoint with the one key and reads its three lines.
func (a *answer) open(log folder, vkey string) error {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(filepath.Join(string(log), "checkpoint"))
	if err != nil {
		return err
	}
	opened, err := note.Open(data, note.VerifierList(verifier))
	if err != nil {
		return err
	}
	for _, signature := range opened.Sigs {
		a.Signed = append(a.Signed, fmt.Sprintf("%s+%08x", signature.Name, signature.Hash))
	}
	for _, signature := range opened.UnverifiedSigs {
		a.PassedBy = append(a.PassedBy, fmt.Sprintf("%s+%08x", signature.Name, signature.Hash))
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 {
		return errors.New("not three lines")
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return err
	}
	a.Name, a.Root = lines[0], root[:]
	a.Size, err = strconv.ParseInt(lines[1], 10, 64)
	return err
}

func hash(data []byte) (found tlog.Hash) {
	copy(found[:], data)
	return found
}

func hashes(steps [][]byte) []tlog.Hash {
	found := []tlog.Hash{}
	for _, step := range steps {
		found = append(found, hash(step))
	}
	return found
}

func same(first, second []tlog.Hash) bool {
	if len(first) != len(second) {
		return false
	}
	for place := range first {
		if !bytes.Equal(first[place][:], second[place][:]) {
			return false
		}
	}
	return true
}

func word(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func (a *answer) check(log folder, asked question) {
	hashesOfLeaves, err := log.tree(a.Size)
	if err == nil {
		a.Tiles = word(log.compare(a.Size, hashesOfLeaves))
		var root tlog.Hash
		root, err = tlog.TreeHash(a.Size, hashesOfLeaves)
		if err == nil && root != hash(a.Root) {
			err = errors.New("the leaves have another root")
		}
	}
	a.Leaves = word(err)
	for _, r := range asked.Records {
		of := tlog.Tree{N: r.Size, Hash: hash(r.Root)}
		err = tlog.CheckRecord(hashes(r.Proof), of.N, of.Hash, r.Index, tlog.RecordHash(r.Leaf))
		own, ownErr := tlog.ProveRecord(of.N, r.Index, tlog.TileHashReader(of, log))
		a.Records = append(a.Records, word(err))
		a.OwnRecords = append(a.OwnRecords, ownErr == nil && same(own, hashes(r.Proof)))
	}
	for _, g := range asked.Growths {
		of := tlog.Tree{N: g.Size, Hash: hash(g.Root)}
		err = tlog.CheckTree(hashes(g.Proof), of.N, of.Hash, g.Old, hash(g.OldRoot))
		own, ownErr := tlog.ProveTree(of.N, g.Old, tlog.TileHashReader(of, log))
		a.Growths = append(a.Growths, word(err))
		a.OwnGrowths = append(a.OwnGrowths, ownErr == nil && same(own, hashes(g.Proof)))
	}
}

func main() {
	var asked question
	var a answer
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	log := folder(asked.Folder)
	err := a.open(log, asked.Vkey)
	a.Checkpoint = word(err)
	if err == nil {
		a.check(log, asked)
	}
	if err := json.NewEncoder(os.Stdout).Encode(a); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
