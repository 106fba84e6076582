package memory_test

import (
	"context"
	"flag"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"griot/internal/conversation/memory"
	"griot/internal/table"
	"griot/internal/table/tabletest"
)

// Times of DynamoDB, as a model of it.
const (
	readTime  = 4 * time.Millisecond
	writeTime = 10 * time.Millisecond
)

var crowdSize = flag.Int("crowd", 16, "how many write at once in TestCrowdOfWriters")

// reading is a store whose reads take readTime. Single writes of the clock take
// writeTime and do not wait for each other: those of a row are as many a second
// as its partition takes.
type reading struct {
	table.Store
	clock table.Store
}

func (r reading) Write(ctx context.Context, op table.Op) (table.Item, error) {
	if !strings.HasSuffix(op.Key.PK, "#clock") {
		return r.Store.Write(ctx, op)
	}
	time.Sleep(writeTime)
	return r.clock.Write(ctx, op)
}

func (r reading) Get(ctx context.Context, key table.Key, c table.Consistency) (table.Item, error) {
	time.Sleep(readTime)
	return r.Store.Get(ctx, key, c)
}

func (r reading) BatchGet(ctx context.Context, keys []table.Key, c table.Consistency) ([]table.Item, error) {
	if len(keys) > 0 {
		time.Sleep(readTime)
	}
	return r.Store.BatchGet(ctx, keys, c)
}

func (r reading) Query(ctx context.Context, q table.Query) (table.Page, error) {
	time.Sleep(readTime)
	return r.Store.Query(ctx, q)
}

// Many add memories to one conversation, or each to one of their own, over a
// model of DynamoDB's conflicts: all of them are there and counted. It logs how
// fast that was (-v).
func TestCrowdOfWriters(t *testing.T) {
	for _, into := range []string{"one conversation", "one each"} {
		for topics, names := range [][]string{nil, {"Refunds"}} {
			t.Run(fmt.Sprintf("%s, %d topics", into, topics), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t)
					ids := make([]string, *crowdSize)
					for i := range ids {
						if ids[i] = w.Talk("crowd"); into == "one conversation" {
							ids[i] = ids[0]
						}
					}
					contended := tabletest.NewContended(w.Bare, writeTime)
					w.Use(reading{contended, w.Bare})
					const each = 6
					w.crowd(ids, each, names)
					begun, before := time.Now(), contended.Conflicts()
					w.crowd(ids, each, names)
					n := float64(len(ids) * each)
					t.Logf("%d writers: %.0f memories in a second, %.2f conflicts for each",
						len(ids), n/time.Since(begun).Seconds(), float64(contended.Conflicts()-before)/n)
					w.Use(w.Bare)
					w.Sound()
				})
			})
		}
	}
}

// crowd has a writer for each of some conversations, who adds n memories.
func (w *world) crowd(ids []string, n int, topics []string) {
	var writers sync.WaitGroup
	for _, into := range ids {
		writers.Go(func() {
			for i := range n {
				_, err := w.Memories.Create(context.Background(), w.P, memory.Input{
					Conversation: into, Content: fmt.Sprint("said ", i), Topics: topics,
				}, nil)
				if err != nil {
					w.T.Error(err)
				}
			}
		})
	}
	writers.Wait()
}
