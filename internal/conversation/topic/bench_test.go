package topic_test

import (
	"context"
	"fmt"
	"testing"

	"griot/internal/conversation/topic"
	"griot/internal/id"
	"griot/internal/table"
	"griot/internal/table/tabletest"
)

// BenchmarkTopics reads a page of 1,000 and 50,000 topics.
func BenchmarkTopics(b *testing.B) {
	for _, n := range []int{1_000, 50_000} {
		w := newWorld(b)
		var ops []table.Op
		for i := range n {
			name := fmt.Sprintf("Topic %d of refunds and approvals", i*7919%n)
			ops = append(ops, table.Put(
				table.Key{Table: table.Conversations, PK: w.P.Workspace + "#topics", SK: id.DerivedUUID("topic", w.P.Workspace, topic.Fold(name))},
				table.Attrs{"n": int64(i % 50), "name": name, "created": w.Hand.Now().UnixMilli()}))
			if len(ops) == table.MaxTransactItems || i == n-1 {
				w.OK(w.Bare.Transact(context.Background(), ops))
				ops = ops[:0]
			}
		}
		for _, by := range []string{topic.SortCount, topic.SortName} {
			b.Run(fmt.Sprintf("%s/%d", by, n), func(b *testing.B) {
				tabletest.Cost(b, func(ctx context.Context) error {
					_, err := w.Topics.List(ctx, w.P, topic.ListInput{Limit: 20, SortBy: by})
					return err
				})
			})
		}
	}
}
