package table_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"griot/internal/disk"
	"griot/internal/table"
	"griot/internal/table/bolt"
)

// open returns the embedded driver on a directory that goes with done.
func open() (store table.Store, done func()) {
	dir, err := os.MkdirTemp("", "table")
	if err != nil {
		panic(err)
	}
	db, err := disk.Open(filepath.Join(dir, "db"), disk.Options{NoSync: true})
	if err != nil {
		panic(err)
	}
	store, err = bolt.New(db, time.Now)
	if err != nil {
		panic(err)
	}
	return store, func() { db.Close(); os.RemoveAll(dir) }
}

func kiln(sk string) table.Key { return table.Key{Table: table.Sessions, PK: "ws_1#kilns", SK: sk} }

// Whoever changes an item says what it read before: of two writers who read the
// same revision one wins, and the other is told what stands in its way.
func ExampleStore_Write() {
	store, done := open()
	defer done()
	ctx := context.Background()

	_, err := store.Write(ctx, table.Put(kiln("north"), table.Attrs{"rev": int64(1), "state": "cold"}, table.Absent()))
	fmt.Println("created:", err)

	for _, writer := range []string{"Ada", "Ben"} {
		item, err := store.Write(ctx, table.Update(kiln("north"),
			table.Attrs{"rev": int64(2), "by": writer}, table.Equal("rev", int64(1))))
		if failed := table.Failed(err); failed != nil {
			fmt.Printf("%s is too late: %s was here\n", writer, failed.Old.Str("by"))
			continue
		}
		fmt.Printf("%s wrote revision %d of a %s kiln\n", writer, item.Int("rev"), item.Str("state"))
	}
	// Output:
	// created: <nil>
	// Ada wrote revision 2 of a cold kiln
	// Ben is too late: Ada was here
}

// A transaction applies all of its operations or none.
func ExampleStore_Transact() {
	store, done := open()
	defer done()
	ctx := context.Background()

	fire := []table.Op{
		table.Update(kiln("north"), table.Attrs{"state": "firing"}, table.Exists()),
		table.Increment(kiln("count"), "firing", 1),
	}
	err := store.Transact(ctx, fire)
	fmt.Println("without a kiln:", errors.Is(err, table.ErrCondition), "operation", table.Failed(err).Index)
	_, err = store.Get(ctx, kiln("count"), table.Consistent)
	fmt.Println("counted:", !errors.Is(err, table.ErrNotFound))

	if _, err := store.Write(ctx, table.Put(kiln("north"), nil)); err != nil {
		panic(err)
	}
	fmt.Println("with one:", store.Transact(ctx, fire))
	count, err := store.Get(ctx, kiln("count"), table.Consistent)
	fmt.Println("counted:", count.Int("firing"), err)
	// Output:
	// without a kiln: true operation 0
	// counted: false
	// with one: <nil>
	// counted: 1 <nil>
}

// All reads a query's pages one after the other, each when it is come to.
func ExampleAll() {
	store, done := open()
	defer done()
	ctx := context.Background()
	for _, name := range []string{"north", "south", "north-east", "east"} {
		if _, err := store.Write(ctx, table.Put(kiln(name), nil)); err != nil {
			panic(err)
		}
	}
	for item, err := range table.All(ctx, store, table.Query{Table: table.Sessions, PK: "ws_1#kilns", Prefix: "north", Limit: 1}) {
		fmt.Println(item.SK, err)
	}
	// Output:
	// north <nil>
	// north-east <nil>
}
