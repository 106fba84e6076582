package tabletest

import (
	"errors"
	"fmt"
	"sync"

	"griot/internal/table"
)

var concurrentCases = []testCase{
	{"concurrent: counters lose nothing", func(k *kit) {
		count := func(int) error {
			_, err := k.store.Write(k.ctx, table.Increment(k.key("n"), "n", 1))
			return err
		}
		k.together(8, 25, count)
		k.equal("n", k.read(k.key("n"))["n"], any(int64(200)))
	}},
	{"concurrent: counters in transactions lose nothing", func(k *kit) {
		count := func(i int) error {
			own := table.Increment(k.key(fmt.Sprint("own", i)), "n", 1)
			return k.store.Transact(k.ctx, []table.Op{own, table.Increment(k.key("n"), "n", 1)})
		}
		k.together(4, 10, count)
		k.equal("n", k.read(k.key("n"))["n"], any(int64(40)))
		k.equal("own", k.read(k.key("own3"))["n"], any(int64(10)))
	}},
	{"concurrent: one of many creates the item", oneCreates},
	{"concurrent: of two transactions on one version one wins", oneVersionWins},
	{"concurrent: a failed condition does not disturb its neighbours", func(k *kit) {
		k.putAll("taken")
		write := func(i int) error {
			if i%2 == 0 {
				_, err := k.store.Write(k.ctx, table.Increment(k.key(fmt.Sprint(i)), "n", 1))
				return err
			}
			_, err := k.store.Write(k.ctx, table.Put(k.key("taken"), nil, table.Absent()))
			if errors.Is(err, table.ErrCondition) {
				return nil
			}
			return fmt.Errorf("writing over an item: %w", err)
		}
		k.together(8, 20, write)
		for _, i := range []int{0, 2, 4, 6} {
			k.equal("n", k.read(k.key(fmt.Sprint(i)))["n"], any(int64(20)))
		}
	}},
}

// together runs do(0) … do(workers-1) at once, each so many times, and again
// whenever the store is busy.
func (k *kit) together(workers, times int, do func(worker int) error) {
	k.Helper()
	var wait sync.WaitGroup
	for i := range workers {
		wait.Go(func() {
			for range times {
				if err := table.Retry(k.ctx, 200, func() error { return do(i) }); err != nil {
					k.Errorf("worker %d: %v", i, err)
					return
				}
			}
		})
	}
	wait.Wait()
}

func oneCreates(k *kit) {
	var mu sync.Mutex
	var winners []string
	var seen []table.Item
	k.together(8, 1, func(i int) error {
		name := fmt.Sprint("worker", i)
		_, err := k.store.Write(k.ctx, table.Put(k.key("a"), table.Attrs{"by": name}, table.Absent()))
		mu.Lock()
		defer mu.Unlock()
		if failed := table.Failed(err); failed != nil {
			seen = append(seen, failed.Old)
			return nil
		}
		if err == nil {
			winners = append(winners, name)
		}
		return err
	})
	if len(winners) != 1 {
		k.Fatalf("%v created the item", winners)
	}
	want := table.Item{Key: k.key("a"), Attrs: with(table.Attrs{"by": winners[0]})}
	for _, old := range seen {
		k.equal("what a loser saw", old, want)
	}
	k.equal("item", k.read(k.key("a")), want.Attrs)
}

func oneVersionWins(k *kit) {
	k.put("head", table.Attrs{"rev": int64(0)})
	for rev := range int64(20) {
		var mu sync.Mutex
		won := 0
		k.together(2, 1, func(i int) error {
			head := table.Update(k.key("head"), table.Attrs{"rev": rev + 1}, table.Equal("rev", rev))
			err := k.store.Transact(k.ctx, []table.Op{head, table.Increment(k.key("rows"), "n", 1)})
			if errors.Is(err, table.ErrCondition) {
				return nil
			}
			if err == nil {
				mu.Lock()
				won++
				mu.Unlock()
			}
			return err
		})
		k.equal("winners", won, 1)
	}
	k.equal("head", k.read(k.key("head")), with(table.Attrs{"rev": int64(20)}))
	k.equal("rows", k.read(k.key("rows"))["n"], any(int64(20)))
}
