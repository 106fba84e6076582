package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"griot/internal/blob/dir"
	"griot/internal/disk"
	"griot/internal/queue"
	queuebolt "griot/internal/queue/bolt"
	"griot/internal/search"
	"griot/internal/table"
	tablebolt "griot/internal/table/bolt"
)

// index is the search index on embedded stores, in a directory of its own.
type index struct {
	search.Index
	data string
	db   io.Closer
	ops  []table.Op // not written yet
}

func newIndex() (*index, error) {
	data, err := os.MkdirTemp("", "griot-measure-")
	if err != nil {
		return nil, err
	}
	x := &index{data: data}
	if err := x.open(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(data))
	}
	return x, nil
}

func (x *index) open() (err error) {
	db, err := disk.Open(filepath.Join(x.data, "griot.db"), disk.Options{NoSync: true})
	if err != nil {
		return err
	}
	x.db = db
	store, err := tablebolt.New(db, time.Now)
	if err != nil {
		return err
	}
	merges, err := queuebolt.New(db, queue.Merge, queuebolt.Options{})
	if err != nil {
		return err
	}
	blobs, err := dir.Open(filepath.Join(x.data, "objects"), dir.Options{Base: "http://unused", NoSync: true})
	x.Index = search.Index{Table: store, Blobs: blobs, Merges: merges, Cache: search.NewCache(512 << 20)}
	return err
}

func (x *index) close() {
	_ = x.db.Close()
	_ = os.RemoveAll(x.data)
}

func (x *index) put(workspace string, doc search.Doc) error {
	if x.ops = append(x.ops, x.Put(workspace, doc)); len(x.ops) < 80 {
		return nil
	}
	return x.flush()
}

func (x *index) flush() error {
	defer func() { x.ops = nil }()
	return x.Table.Transact(context.Background(), x.ops)
}

// settle writes what is left and merges as the worker does.
func (x *index) settle(workspaces ...string) error {
	if err := x.flush(); err != nil {
		return err
	}
	for _, workspace := range workspaces {
		if err := x.Merge(context.Background(), workspace); err != nil {
			return err
		}
	}
	return nil
}

// deepest is where a search is given up.
const deepest = 1000

func (x *index) find(into *places, workspace, query string, right func(conversation string) bool) error {
	place := 0
	for hit, err := range x.Search(context.Background(), workspace, search.Query{Text: query}) {
		if err != nil {
			return err
		}
		if place++; right(hit.Conversation) {
			into.add(place)
			return nil
		}
		if place == deepest {
			break
		}
	}
	into.add(0)
	return nil
}

func (x *index) findMemory(into *places, workspace, query string, right func(number int) bool) error {
	place := 0
	for m, err := range x.Memories(context.Background(), workspace, search.Query{Text: query}) {
		if err != nil {
			return err
		}
		if place++; right(number(m.Memory)) {
			into.add(place)
			return nil
		}
	}
	into.add(0)
	return nil
}

func number(text string) int {
	n, _ := strconv.Atoi(text) // the texts are our own numbers
	return n
}
