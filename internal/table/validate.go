package table

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Everything DynamoDB refuses that can be seen in the request alone is
// checked here, once for all drivers. What depends on the stored item (its
// size after an Update, adding to something that is no number) is up to them.

// Limitf returns an ErrLimit that says what is wrong. It may name sizes and
// attributes, never keys or values, which are a tenant's.
func Limitf(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrLimit, fmt.Sprintf(format, args...))
}

// Validate checks the table, and that both parts are within their limits.
func (k Key) Validate() error {
	if !slices.Contains(Names, k.Table) {
		return Limitf("there is no table %q", k.Table)
	}
	if k.PK == "" || k.SK == "" {
		return Limitf("both parts of a key must have at least one byte")
	}
	if err := validateText("partition key", k.PK, MaxPK); err != nil {
		return err
	}
	return validateText("sort key", k.SK, MaxSK)
}

func validateText(what, s string, most int) error {
	if len(s) > most {
		return Limitf("the %s has %d bytes, %d are allowed", what, len(s), most)
	}
	if !utf8.ValidString(s) {
		return Limitf("the %s is not valid UTF-8", what)
	}
	return nil
}

// Validate checks the bounds of a query.
func (q Query) Validate() error {
	if err := (Key{Table: q.Table, PK: q.PK, SK: "-"}).Validate(); err != nil {
		return err
	}
	for _, bound := range []string{q.Prefix, q.From, q.To, q.After} {
		if err := validateText("query's bound", bound, MaxSK); err != nil {
			return err
		}
	}
	switch {
	case q.Limit < 0:
		return Limitf("the query's Limit is negative")
	case q.Prefix != "" && (q.From != "" || q.To != ""):
		return Limitf("a query by Prefix has neither From nor To")
	case q.To != "" && q.From > q.To:
		return Limitf("the query's From is greater than its To")
	case q.After != "" && !q.holds(q.After):
		return Limitf("the query's After lies outside of its range")
	}
	return nil
}

func (q Query) holds(sk string) bool {
	return strings.HasPrefix(sk, q.Prefix) && sk >= q.From && (q.To == "" || sk <= q.To)
}

// ValidateBatchGet checks the keys of a BatchGet.
func ValidateBatchGet(keys []Key) error {
	if len(keys) > MaxBatchGet {
		return Limitf("a BatchGet of %d keys, %d are allowed", len(keys), MaxBatchGet)
	}
	return validateKeys("BatchGet", keys)
}

// ValidateWrite checks the operation of a Write.
func ValidateWrite(op Op) error {
	if op.Kind == CheckOp {
		return Limitf("a Check stands in a transaction only")
	}
	return op.validate()
}

// ValidateTransact checks the operations of a Transact. Their size is what
// the request itself shows of it: the driver adds the items that are there.
func ValidateTransact(ops []Op) error {
	if len(ops) > MaxTransactItems {
		return Limitf("a transaction of %d operations, %d are allowed", len(ops), MaxTransactItems)
	}
	keys, size := make([]Key, len(ops)), 0
	for i, op := range ops {
		if err := op.validate(); err != nil {
			return fmt.Errorf("operation %d: %w", i, err)
		}
		keys[i] = op.Key
		size += Item{op.Key, op.Attrs}.Size()
	}
	if size > MaxTransact {
		return Limitf("a transaction of %d bytes, %d are allowed", size, MaxTransact)
	}
	return validateKeys("transaction", keys)
}

func validateKeys(what string, keys []Key) error {
	seen := make(map[Key]bool, len(keys))
	for i, key := range keys {
		if err := key.Validate(); err != nil {
			return fmt.Errorf("key %d: %w", i, err)
		}
		if seen[key] {
			return Limitf("key %d is in the %s twice", i, what)
		}
		seen[key] = true
	}
	return nil
}
