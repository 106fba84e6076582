// Package idempotency makes POSTs safe to repeat. The record of an
// Idempotency-Key is written in the transaction of the effect itself: there
// is no lease, and nothing to get stuck. Whoever loses reads the winner's
// answer and replays it.
package idempotency

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"griot/internal/errs"
	"griot/internal/table"
)

// Kept is how long an answer is replayed.
const Kept = 24 * time.Hour

// MaxKey is the longest Idempotency-Key in bytes.
const MaxKey = 255

// Answer is a stored 2xx answer.
type Answer struct {
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    json.RawMessage   `json:"body,omitempty"`
}

// Claim is one request's use of an Idempotency-Key. A nil *Claim is a request
// without one; all methods accept it.
type Claim struct {
	key    table.Key
	hash   string // of the body
	now    time.Time
	render func(result any) (Answer, error)
}

// Request is what identifies a request: the same Key by the same API key on
// the same path is a repetition, and must have the same Body.
type Request struct {
	Workspace, KeyID  string
	Method, Path, Key string
	Body              []byte
}

// New returns the claim of a request, whose answer render makes of the
// domain's result. It returns nil when the request has no key.
func New(r Request, now time.Time, render func(result any) (Answer, error)) *Claim {
	if r.Key == "" {
		return nil
	}
	name := digest(r.KeyID, r.Method, r.Path, r.Key)
	return &Claim{
		key:    table.Key{Table: table.Sessions, PK: r.Workspace + "#idem", SK: name},
		hash:   digest(string(r.Body)),
		now:    now,
		render: render,
	}
}

func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Body is that of a record's answer; nil if it was withdrawn.
func Body(record table.Item) []byte {
	var a Answer
	if json.Unmarshal(record.Bytes("answer"), &a) != nil {
		return nil
	}
	return a.Body
}

// Answering returns the claim of a request whose answer does not come from what
// the transaction makes of its thing, but from result.
func (c *Claim) Answering(result any) *Claim {
	if c == nil {
		return nil
	}
	out := *c
	out.render = func(any) (Answer, error) { return c.render(result) }
	return &out
}

// PointerPrefix begins the sort keys under which a resource lists the records
// that hold its data.
const PointerPrefix = "idem#"

// Ops returns the operations that store the answer to result; they belong
// into the transaction of the effect. The record is listed in owner's
// partition, so that deleting the owner deletes it.
func (c *Claim) Ops(result any, owner table.Key) ([]table.Op, error) {
	if c == nil {
		return nil, nil
	}
	answer, err := c.render(result)
	if err != nil {
		return nil, fmt.Errorf("rendering the answer to store: %w", err)
	}
	data, err := json.Marshal(answer)
	if err != nil {
		return nil, fmt.Errorf("encoding the answer to store: %w", err)
	}
	exp := c.now.Add(Kept).Unix()
	record := table.Attrs{"hash": c.hash, "answer": data, table.ExpiresAttr: exp}
	pointer := table.Key{Table: owner.Table, PK: owner.PK, SK: PointerPrefix + c.key.SK}
	return []table.Op{
		table.Put(c.key, record, table.Absent()),
		table.Put(pointer, table.Attrs{table.ExpiresAttr: exp}),
	}, nil
}

// Store writes the record of a request that had no other effect.
func (c *Claim) Store(ctx context.Context, store table.Store, result any, owner table.Key) error {
	ops, err := c.Ops(result, owner)
	if err != nil || len(ops) == 0 {
		return err
	}
	return table.Retry(ctx, 8, func() error { return store.Transact(ctx, ops) })
}

// Lookup returns the answer stored for the request, if there is one; with
// another body it is an error, and so is one that was withdrawn.
func (c *Claim) Lookup(ctx context.Context, store table.Store) (Answer, bool, error) {
	if c == nil {
		return Answer{}, false, nil
	}
	item, err := store.Get(ctx, c.key, table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return Answer{}, false, nil
	}
	if err != nil {
		return Answer{}, false, fmt.Errorf("reading the stored answer: %w", err)
	}
	answer, err := c.decode(item)
	return answer, err == nil, err
}

// Taken returns the answer of the twin that was faster, when err is the
// failed condition of the claim's own record.
func (c *Claim) Taken(err error) (Answer, bool, error) {
	failed := table.Failed(err)
	if c == nil || failed == nil || failed.Old.Key != c.key {
		return Answer{}, false, nil
	}
	answer, err := c.decode(failed.Old)
	return answer, err == nil, err
}

func (c *Claim) decode(item table.Item) (Answer, error) {
	if item.Str("hash") != c.hash {
		return Answer{}, errs.New(errs.FailedPrecondition,
			"the Idempotency-Key was used with another body")
	}
	if item.Bytes("answer") == nil {
		return Answer{}, errs.New(errs.Conflict,
			"what the request with this Idempotency-Key made has been changed or deleted since: to make it anew, use another key")
	}
	var a Answer
	if err := json.Unmarshal(item.Bytes("answer"), &a); err != nil {
		return Answer{}, fmt.Errorf("decoding the stored answer: %w", err)
	}
	return a, nil
}

// Records returns the keys of the records that an item of owner's partition
// points to, if it is such a pointer.
func Records(workspace string, pointer table.Key) (table.Key, bool) {
	name, ok := strings.CutPrefix(pointer.SK, PointerPrefix)
	return table.Key{Table: table.Sessions, PK: workspace + "#idem", SK: name}, ok
}

// Withdraw returns the writes that take a stored answer away because what it
// says is no longer so: its request is still known, and has no second effect.
// When a condition fails the record has gone meanwhile: ask again.
func Withdraw(ctx context.Context, store table.Store, workspace string, pointer table.Key) ([]table.Op, error) {
	record, ok := Records(workspace, pointer)
	if !ok {
		return nil, nil
	}
	item, err := store.Get(ctx, record, table.Consistent)
	if errors.Is(err, table.ErrNotFound) { // expired, perhaps without being removed yet
		return []table.Op{table.Delete(pointer), table.Delete(record)}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading a stored answer to withdraw: %w", err)
	}
	if item.Bytes("answer") == nil {
		return nil, nil
	}
	op := table.Update(record, nil, table.Equal("hash", item.Str("hash")))
	op.Remove = []string{"answer"}
	return []table.Op{op}, nil
}
