package dynamo_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"griot/internal/disk"
	"griot/internal/table"
	"griot/internal/table/bolt"
	"griot/internal/table/dynamo"
)

// TestCheckCosts is the suite's case about checks, as far as DynamoDB Local
// tells.
func TestCheckCosts(t *testing.T) {
	config := engine(t, "GRIOT_TEST_DYNAMODB")
	store := dynamo.New(config, create(t, config), time.Now)
	key := func(sk string) table.Key { return table.Key{Table: table.Sessions, PK: "p", SK: sk} }
	if _, err := store.Write(t.Context(), table.Put(key("large"), table.Attrs{"b": make([]byte, 5_000)})); err != nil {
		t.Fatal(err)
	}
	var u table.Usage
	ops := []table.Op{table.Put(key("a"), nil), table.Check(key("large"), table.Exists())}
	if err := store.Transact(table.WithUsage(t.Context(), &u), ops); err != nil {
		t.Fatal(err)
	}
	if got := u.Totals(); got.ReadUnits+got.WriteUnits != 2+4 {
		t.Errorf("consumed %+v, want 6 units", got)
	}
}

// pair is both drivers, which are told the same.
type pair struct {
	*testing.T
	r            *rand.Rand
	bolt, dynamo table.Store
	expires      bool // items do
	noCosts      bool // to compare: renewals cost two requests
}

// TestDriversAgree tells both drivers the same random operations and compares
// what they answer and what they say it costs.
func TestDriversAgree(t *testing.T) {
	for _, expires := range []bool{false, true} {
		t.Run(fmt.Sprintf("expires=%v", expires), func(t *testing.T) {
			config := engine(t, "GRIOT_TEST_DYNAMODB")
			db, err := disk.Open(filepath.Join(t.TempDir(), "db"), disk.Options{NoSync: true})
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			embedded, err := bolt.New(db, time.Now)
			if err != nil {
				t.Fatal(err)
			}
			seed := rand.Uint64()
			t.Logf("seed %d", seed)
			p := pair{t, rand.New(rand.NewPCG(seed, 0)), embedded, dynamo.New(config, create(t, config), time.Now), expires, expires}
			for range 250 {
				p.step()
			}
		})
	}
}

func (p pair) step() {
	p.Helper()
	switch n := p.r.IntN(10); {
	case n < 5:
		op := p.op(p.key())
		p.same(fmt.Sprintf("%+v", brief(op)), func(ctx context.Context, s table.Store) (any, error) { return s.Write(ctx, op) })
	case n < 7:
		ops := p.ops()
		if len(ops) > 1 { // DynamoDB Local counts operations that cost the same once
			p.noCosts = true
		}
		p.same(fmt.Sprintf("transaction %+v", brief(ops...)), func(ctx context.Context, s table.Store) (any, error) { return nil, s.Transact(ctx, ops) })
	case n < 8:
		key, c := p.key(), table.Consistency(p.r.IntN(2) == 0)
		p.same(fmt.Sprint("get ", key), func(ctx context.Context, s table.Store) (any, error) { return s.Get(ctx, key, c) })
	case n < 9:
		keys := []table.Key{p.sk(1), p.sk(p.r.IntN(6) + 2), p.sk(0)}
		p.same(fmt.Sprint("batch ", keys), func(ctx context.Context, s table.Store) (any, error) {
			return s.BatchGet(ctx, keys, table.Consistent)
		})
	default:
		q := table.Query{Table: table.Sessions, PK: "p", Limit: p.r.IntN(4), Reverse: p.r.IntN(2) == 0, Consistency: table.Consistent}
		p.same(fmt.Sprintf("%+v", q), func(ctx context.Context, s table.Store) (any, error) { return s.Query(ctx, q) })
	}
}

func (p pair) sk(i int) table.Key {
	return table.Key{Table: table.Sessions, PK: "p", SK: fmt.Sprint("s", i)}
}

func (p pair) key() table.Key { return p.sk(p.r.IntN(8)) }

// ops are some operations on different items.
func (p pair) ops() []table.Op {
	var ops []table.Op
	for _, i := range p.r.Perm(8)[:1+p.r.IntN(4)] {
		op := p.op(p.sk(i))
		if op.Kind == table.DeleteOp { // of none, DynamoDB Local asks half
			op.If = append(op.If, table.Exists())
		}
		ops = append(ops, op)
	}
	if p.r.IntN(3) == 0 {
		ops = append(ops, table.Check(p.sk(9), table.Absent()))
	}
	return ops
}

func (p pair) op(key table.Key) table.Op {
	attrs := table.Attrs{"n": int64(p.r.IntN(4)), "b": make([]byte, p.r.IntN(9_000))}
	if p.expires {
		attrs[table.ExpiresAttr] = time.Now().Unix() + int64(p.r.IntN(3)-1)*10_000
	}
	switch p.r.IntN(6) {
	case 0, 1:
		return table.Put(key, attrs, p.conds()...)
	case 2, 3:
		return table.Update(key, attrs, p.conds()...)
	case 4:
		return table.Increment(key, "n", int64(p.r.IntN(5)-2), p.conds()...)
	}
	return table.Delete(key, p.conds()...)
}

func (p pair) conds() []table.Cond {
	n := int64(p.r.IntN(4))
	all := []table.Cond{table.Absent(), table.Exists(), table.Equal("n", n), table.Less("n", n), table.Missing("n"), table.MissingOrLess("n", n)}
	p.r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:max(0, p.r.IntN(4)-1)]
}

func (p pair) same(what string, do func(context.Context, table.Store) (any, error)) {
	p.Helper()
	want, wantCost, wantErr := try(p.Context(), p.bolt, do)
	got, cost, err := try(p.Context(), p.dynamo, do)
	if diff := cmp.Diff(want, got); diff != "" {
		p.Fatalf("%s (-bolt +dynamo):\n%s", what, diff)
	}
	if diff := cmp.Diff(table.Failed(wantErr), table.Failed(err)); diff != "" || fmt.Sprint(wantErr) != fmt.Sprint(err) {
		p.Fatalf("%s: bolt %v, dynamo %v\n%s", what, wantErr, err, diff)
	}
	if p.noCosts || err != nil && got == nil { // what a refused transaction costs is not told
		return
	}
	switch got := got.(type) {
	case []table.Item:
		cost.ReadUnits += absent(got)
	case table.Page:
		if cost.BytesRead == 0 {
			cost.ReadUnits = table.ReadUnits(0, table.Consistent) // likewise
		}
	}
	if diff := cmp.Diff(wantCost, cost); diff != "" {
		p.Fatalf("%s costs (-bolt +dynamo):\n%s", what, diff)
	}
}

func try(ctx context.Context, s table.Store, do func(context.Context, table.Store) (any, error)) (any, table.Totals, error) {
	var u table.Usage
	got, err := do(table.WithUsage(ctx, &u), s)
	return got, u.Totals(), err
}

// absent is what DynamoDB asks for absent items of a BatchGet (its guide says:
// as much as for reading a small one), and DynamoDB Local does not.
func absent(items []table.Item) (units float64) {
	for _, item := range items {
		if !item.Found() {
			units += table.ReadUnits(0, table.Consistent)
		}
	}
	return units
}

// brief leaves long values out.
func brief(ops ...table.Op) (out []string) {
	for _, op := range ops {
		size := table.Item{Attrs: op.Attrs}.Size()
		out = append(out, fmt.Sprintf("kind %d %s %d bytes, n %v, exp %v, add %v if %v", op.Kind, op.Key.SK, size, op.Attrs["n"], op.Attrs[table.ExpiresAttr], op.Add, op.If))
	}
	return out
}
