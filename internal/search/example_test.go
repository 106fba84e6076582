package search_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"griot/internal/blob/dir"
	"griot/internal/disk"
	"griot/internal/queue"
	queuebolt "griot/internal/queue/bolt"
	"griot/internal/search"
	"griot/internal/table"
	tablebolt "griot/internal/table/bolt"
)

// newIndex is an index on the embedded stores, in a directory of its own.
func newIndex() (index *search.Index, closed func(), err error) {
	root, err := os.MkdirTemp("", "griot-example-")
	if err != nil {
		return nil, nil, err
	}
	db, err := disk.Open(filepath.Join(root, "griot.db"), disk.Options{NoSync: true})
	if err != nil {
		return nil, nil, err
	}
	store, err := tablebolt.New(db, time.Now)
	if err != nil {
		return nil, nil, err
	}
	merges, err := queuebolt.New(db, queue.Merge, queuebolt.Options{})
	if err != nil {
		return nil, nil, err
	}
	blobs, err := dir.Open(filepath.Join(root, "blobs"), dir.Options{Base: "http://127.0.0.1", NoSync: true})
	if err != nil {
		return nil, nil, err
	}
	closed = func() {
		_, _ = blobs.Close(), db.Close()
		_ = os.RemoveAll(root)
	}
	return &search.Index{Table: store, Blobs: blobs, Merges: merges, Cache: search.NewCache(1 << 20)}, closed, nil
}

// What is put is found as soon as its transaction is committed, and what is
// removed or purged is not found any more.
func Example() {
	ctx := context.Background()
	index, closed, err := newIndex()
	if err != nil {
		log.Fatal(err)
	}
	defer closed()

	commit := func(ops ...table.Op) {
		if err := index.Table.Transact(ctx, ops); err != nil {
			log.Fatal(err)
		}
		if err := index.Written(ctx, "ws_1", ops...); err != nil {
			log.Fatal(err)
		}
	}
	show := func(query string) {
		fmt.Printf("%s:\n", query)
		for hit, err := range index.Search(ctx, "ws_1", search.Query{Text: query}) {
			if err != nil {
				log.Fatal(err)
			}
			fmt.Println(" ", hit.Conversation, hit.Terms, hit.Memories[0].Memory)
		}
	}

	commit(
		index.Put("ws_1", search.Doc{Conversation: "conv_close", Title: "The month-end close"}),
		index.Put("ws_1", search.Doc{Conversation: "conv_close", Memory: "mem_1", Text: "Priya signs the ledger before it closes."}),
		index.Put("ws_1", search.Doc{Conversation: "conv_close", Memory: "mem_2", Text: "The auditors want to see who signed."}),
		index.Put("ws_1", search.Doc{Conversation: "conv_audit", Memory: "mem_3", Text: "Auditors come in March."}),
	)
	show("who signs for the auditors?")

	commit(index.Remove("ws_1", "conv_close", "mem_2"))
	show("who signs for the auditors?")

	units, err := index.Purge(ctx, "ws_1", "conv_audit", nil, func(units int) []table.Op { return nil })
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("purged:", units)
	show("auditors")

	// Output:
	// who signs for the auditors?:
	//   conv_close [sign auditor] mem_2
	//   conv_audit [auditor] mem_3
	// who signs for the auditors?:
	//   conv_audit [auditor] mem_3
	//   conv_close [sign] mem_1
	// purged: 1
	// auditors:
}

// The best memories of all conversations, each with the part of its text that
// says why.
func ExampleIndex_Memories() {
	ctx := context.Background()
	index, closed, err := newIndex()
	if err != nil {
		log.Fatal(err)
	}
	defer closed()

	texts := map[string]string{
		"mem_1": "We talked for a long while about the weather, and then Priya said that only she can restart the billing system.",
		"mem_2": "Billing is paid by the end of the month.",
	}
	var ops []table.Op
	for _, id := range []string{"mem_1", "mem_2"} {
		ops = append(ops, index.Put("ws_1", search.Doc{Conversation: "conv_1", Memory: id, Text: texts[id]}))
	}
	if err := index.Table.Transact(ctx, ops); err != nil {
		log.Fatal(err)
	}
	for match, err := range index.Memories(ctx, "ws_1", search.Query{Text: "restarting the billing"}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: %s\n", match.Memory, search.Snippet(texts[match.Memory], match.Terms, 50))
	}

	// Output:
	// mem_1: …that only she can restart the billing system.
	// mem_2: Billing is paid by the end of the month.
}
