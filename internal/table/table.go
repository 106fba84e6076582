// Package table is the port to griot's item store. Its primitives are
// DynamoDB's own, so that what an operation costs is visible where it is
// called, and every driver enforces DynamoDB's limits, so that nothing
// passes on a laptop that fails on AWS. Drivers hold no rules; the suite
// that all of them pass is in tabletest.
package table

import (
	"context"
	"errors"
	"time"
)

// DynamoDB's limits, in bytes unless named otherwise
// (AWS, "Quotas in Amazon DynamoDB", 2026).
const (
	MaxItem          = 400 << 10 // names and values of one item, key included
	MaxPage          = 1 << 20   // items read by one Query, before it pages
	MaxTransact      = 4 << 20   // all items of one transaction
	MaxTransactItems = 100
	MaxBatchGet      = 100
	MaxBatchGetPage  = 16 << 20
	MaxPK            = 2048
	MaxSK            = 1024
)

// Name is one of griot's tables.
type Name string

const (
	Access        Name = "access"        // workspaces, projects, keys
	Sessions      Name = "sessions"      // sessions, uploads, deletions, due rows
	Conversations Name = "conversations" // conversations, memories, topics, search tail
)

// Names lists every table; drivers create or check them at start.
var Names = []Name{Access, Sessions, Conversations}

// Key names one item. Partition keys begin with the workspace. Both parts are
// non-empty valid UTF-8; sort keys order by their bytes.
type Key struct {
	Table  Name
	PK, SK string
}

// Attrs are an item's attributes beside its key. Values are string, int64 or
// []byte. The names "pk" and "sk" are reserved for the key.
type Attrs map[string]any

// ExpiresAttr holds the second (Unix time) from which an item is gone.
const ExpiresAttr = "exp"

// SchemaAttr holds the version of an item's layout; Put and Update set it.
const (
	SchemaAttr    = "v"
	SchemaVersion = int64(1)
)

// Item is what a read returns. The caller owns it.
type Item struct {
	Key
	Attrs Attrs
}

// Found reports whether the item exists (see [Store.BatchGet]).
func (i Item) Found() bool { return i.Attrs != nil }

// Str, Int and Bytes return an attribute, or the zero value when it is
// absent or of another type.
func (i Item) Str(name string) string { s, _ := i.Attrs[name].(string); return s }

// Int returns an integer attribute; see [Item.Str].
func (i Item) Int(name string) int64 { n, _ := i.Attrs[name].(int64); return n }

// Bytes returns a binary attribute; see [Item.Str].
func (i Item) Bytes(name string) []byte { b, _ := i.Attrs[name].([]byte); return b }

// Time returns an attribute that holds milliseconds since 1970, in UTC, or the
// zero time when it is absent; 1970 itself is a time.
func (i Item) Time(name string) time.Time {
	if ms, ok := i.Attrs[name].(int64); ok {
		return time.UnixMilli(ms).UTC()
	}
	return time.Time{}
}

// Store is the port.
//
// Consistency: a Get, BatchGet or Query with Consistent sees every write that
// was acknowledged before it began; without, it may lag. BatchGet and Query
// are not one snapshot of several items. A write is durable when it returns
// nil.
//
// Expiry: an item is gone from the second ExpiresAttr on, whether or not its
// row is still there: it is never returned, it is absent to all conditions,
// and a write over it begins from nothing. A Query drops expired items after
// it has read a page, so a page may be short.
//
// Errors: ErrNotFound (Get only), *ConditionError, ErrConflict, ErrThrottled,
// ErrUnanswered, ErrLimit; anything else is the store's own failure. After that
// and after ErrUnanswered a write may or may not have taken effect; after all
// others it has not. Drivers do not retry ErrConflict: the caller does ([Retry]).
//
// All methods are safe for concurrent use and keep no reference to arguments.
type Store interface {
	// Get returns one item or ErrNotFound.
	Get(ctx context.Context, key Key, c Consistency) (Item, error)
	// BatchGet returns one Item per key, in the keys' order; one that does
	// not exist has nil Attrs. At most MaxBatchGet keys, no key twice, and
	// MaxBatchGetPage bytes of items; no keys are no call.
	BatchGet(ctx context.Context, keys []Key, c Consistency) ([]Item, error)
	// Query returns a page of one partition in sort key order.
	Query(ctx context.Context, q Query) (Page, error)
	// Write applies one operation. It returns the item as it is after a Put
	// or Update, and the item that was removed after a Delete (without Attrs
	// when there was none).
	Write(ctx context.Context, op Op) (Item, error)
	// Transact applies all operations or none: at most MaxTransactItems, one
	// per item, MaxTransact bytes (of each item the larger of what is there
	// and what it becomes); no operations are no call.
	Transact(ctx context.Context, ops []Op) error
}

// Consistency of a read; a strong one costs twice as much.
type Consistency bool

const (
	Eventual   Consistency = false
	Consistent Consistency = true
)

// Query reads a partition's items whose sort key begins with Prefix, or lies
// in [From, To]; an empty bound is open. Prefix excludes From and To.
type Query struct {
	Table       Name
	PK          string
	Prefix      string
	From, To    string // both inclusive
	Reverse     bool   // descending
	Limit       int    // most items of a page; 0 = as many as MaxPage holds
	After       string // Page.Next of the page before: continue behind this sort key, which lies in the range
	Consistency Consistency
}

// Page is one answer to a Query. Next is set when Limit or MaxPage ended it,
// even if nothing follows; a page may be empty and still have a Next. When
// Next is "" nothing follows.
type Page struct {
	Items []Item
	Next  string
}

var (
	// ErrNotFound is returned by Get for an item that does not exist.
	ErrNotFound = errors.New("table: item not found")
	// ErrCondition matches every *ConditionError.
	ErrCondition = errors.New("table: condition failed")
	// ErrConflict is a transaction that collided with another: nothing was
	// written; try again.
	ErrConflict = errors.New("table: transaction conflict")
	// ErrThrottled is a request over the table's or partition's capacity:
	// nothing was written; try again later.
	ErrThrottled = errors.New("table: throttled")
	// ErrUnanswered is a request whose answer did not arrive, or that the store
	// itself failed at: a write may have taken effect. See [Unanswered].
	ErrUnanswered = errors.New("table: no answer")
	// ErrLimit is a request over one of the limits above, or with an invalid
	// key, value or combination: a bug of the caller.
	ErrLimit = errors.New("table: limit exceeded")
)

// ConditionError says which operation's condition failed, and what item stood
// in its way.
type ConditionError struct {
	Index int  // of the operation in Transact; 0 for Write
	Old   Item // the conflicting item; no Attrs when there is none
}

func (e *ConditionError) Error() string { return ErrCondition.Error() + ": " + e.Old.SK }

// Is makes errors.Is(err, ErrCondition) true.
func (e *ConditionError) Is(target error) bool { return target == ErrCondition }

// Failed returns the ConditionError in err's chain, or nil.
func Failed(err error) *ConditionError {
	var c *ConditionError
	if errors.As(err, &c) {
		return c
	}
	return nil
}

// FailedKey returns the row whose condition failed, of the operations that
// Transact was given, or the zero Key.
func FailedKey(err error, ops []Op) Key {
	if failed := Failed(err); failed != nil && failed.Index < len(ops) {
		return ops[failed.Index].Key
	}
	return Key{}
}
