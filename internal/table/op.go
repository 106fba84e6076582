package table

import "maps"

// Kind of an operation.
type Kind int

const (
	PutOp Kind = iota
	UpdateOp
	DeleteOp
	CheckOp // a condition without a write; in Transact only
)

// Op is one write. Build it with Put, Update, Delete or Check.
type Op struct {
	Kind   Kind
	Key    Key
	Attrs  Attrs            // Put: the whole item; Update: attributes to set
	Add    map[string]int64 // Update: numbers to add, from 0 when absent
	Remove []string         // Update: attributes to remove
	If     []Cond           // all must hold
	// Again says that done twice it is as good as once, also where its own first
	// doing fails a condition of the second. A driver that does not know whether
	// it took effect does it again. In Write only: a transaction takes effect once.
	Again bool
}

// Repeatable marks an operation as one that may be done Again.
func Repeatable(op Op) Op {
	op.Again = true
	return op
}

// Put writes the whole item, replacing any there was.
func Put(key Key, attrs Attrs, conds ...Cond) Op {
	return Op{Kind: PutOp, Key: key, Attrs: versioned(attrs), If: conds}
}

// Update changes the named attributes and creates the item when it does not
// exist (add Exists to forbid that).
func Update(key Key, set Attrs, conds ...Cond) Op {
	return Op{Kind: UpdateOp, Key: key, Attrs: versioned(set), If: conds}
}

// Increment is an Update that adds n to a counter.
func Increment(key Key, attr string, n int64, conds ...Cond) Op {
	op := Update(key, nil, conds...)
	op.Add = map[string]int64{attr: n}
	return op
}

// Delete removes the item; removing none is no error (add Exists for that).
func Delete(key Key, conds ...Cond) Op {
	return Op{Kind: DeleteOp, Key: key, If: conds}
}

// Check asserts conditions about an item that a transaction does not write.
func Check(key Key, conds ...Cond) Op {
	return Op{Kind: CheckOp, Key: key, If: conds}
}

func versioned(attrs Attrs) Attrs {
	out := make(Attrs, len(attrs)+1)
	maps.Copy(out, attrs)
	out[SchemaAttr] = SchemaVersion
	return out
}

// Test is what a condition compares.
type Test int

const (
	TestAbsent Test = iota
	TestExists
	TestEqual
	TestLess
	TestMissing
	TestMissingOrLess
)

// Cond is a condition on the item as it is before the write.
type Cond struct {
	Test  Test
	Attr  string
	Value any // string, int64 or []byte; compared with its own type only
}

// Absent holds when the item does not exist or has expired.
func Absent() Cond { return Cond{Test: TestAbsent} }

// Exists holds when the item exists and has not expired.
func Exists() Cond { return Cond{Test: TestExists} }

// Equal holds when the attribute exists and equals value.
func Equal(attr string, value any) Cond { return Cond{TestEqual, attr, value} }

// Less holds when the attribute exists and is less than value.
func Less(attr string, value any) Cond { return Cond{TestLess, attr, value} }

// Missing holds when the item or the attribute does not exist.
func Missing(attr string) Cond { return Cond{Test: TestMissing, Attr: attr} }

// MissingOrLess holds when the attribute does not exist or is less than value.
func MissingOrLess(attr string, value any) Cond {
	return Cond{TestMissingOrLess, attr, value}
}
