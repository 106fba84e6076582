// Package tables opens DynamoDB for a function. Only this package and the
// driver link the client.
package tables

import (
	"context"
	"time"

	"griot/internal/setup"
	"griot/internal/table"
	"griot/internal/table/dynamo"
)

// Open returns the store of a function that uses the named tables, and begins
// to connect, so that the first request finds a connection. The process ends
// when the environment does not name them.
func Open(c setup.Config, names ...table.Name) table.Store {
	store := setup.Must(New(c, names...))
	go touch(store, names[0])
	return store
}

// New returns the store with the named tables.
func New(c setup.Config, names ...table.Name) (table.Store, error) {
	at := map[table.Name]string{}
	for _, name := range names {
		var err error
		if at[name], err = c.Table(string(name)); err != nil {
			return nil, err
		}
	}
	return dynamo.New(setup.DynamoDB.Of(c.AWS), at, time.Now), nil
}

// Caps returns how many units a second a table may consume.
func Caps(ctx context.Context, c setup.Config, name table.Name) (reads, writes int64, err error) {
	at, err := c.Table(string(name))
	if err != nil {
		return 0, 0, err
	}
	return dynamo.Caps(ctx, c.AWS, at)
}

// touch reads a row that does not exist. That it fails does not matter: what
// needs the table will say so.
func touch(store table.Store, name table.Name) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_, _ = store.Get(ctx, table.Key{Table: name, PK: "health", SK: "health"}, table.Eventual)
}
