package conversation_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"griot/internal/conversation"
	"griot/internal/conversation/memory"
	"griot/internal/table/tabletest"
)

// BenchmarkOperations runs on workspaces of 1,000 to 100,000 conversations.
// None of these operations reads an object.
func BenchmarkOperations(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		w := newWorld(b)
		ids := w.seed(n)
		busy := ids[n/2]
		for i := range 500 {
			w.Add(busy, fmt.Sprintf("What was said in turn %d about refunds and who approves them.", i), "Refunds", fmt.Sprint("T", i%20))
		}
		w.OK(w.Upkeep.Tidy(context.Background(), w.P.Workspace))
		i := 0
		for _, op := range []struct {
			name string
			do   func(ctx context.Context) error
		}{
			{"create memory", func(ctx context.Context) error {
				i++
				_, err := w.Memories.Create(ctx, w.P, memory.Input{Conversation: ids[(i*7919)%n], Content: "What was said.", Topics: []string{"Refunds", "Billing"}}, nil)
				return err
			}},
			{"create conversation", func(ctx context.Context) error {
				_, err := w.Conversations.Create(ctx, w.P, conversation.CreateInput{Title: "Talk"}, nil)
				return err
			}},
			{"list", func(ctx context.Context) error {
				_, err := w.Conversations.List(ctx, w.P, conversation.ListInput{Limit: 20})
				return err
			}},
			{"list deep", func(ctx context.Context) error {
				_, err := w.Conversations.List(ctx, w.P, conversation.ListInput{Limit: 20, Offset: n - 30})
				return err
			}},
			{"list by activity", func(ctx context.Context) error {
				_, err := w.Conversations.List(ctx, w.P, conversation.ListInput{Limit: 20, SortBy: conversation.SortActivity})
				return err
			}},
			{"list by activity, 10,000 from the top", func(ctx context.Context) error {
				_, err := w.Conversations.List(ctx, w.P, conversation.ListInput{Limit: 20, Offset: min(10_000, n/2), SortBy: conversation.SortActivity})
				return err
			}},
			{"list by events, with so many memories", func(ctx context.Context) error {
				_, err := w.Conversations.List(ctx, w.P, conversation.ListInput{Limit: 20, SortBy: conversation.SortEvent, MinMemories: 30})
				return err
			}},
			{"timeline of 500", func(ctx context.Context) error {
				tl, err := w.Memories.Timeline(ctx, w.P, busy, 0, 0)
				for range tl.Memories {
				}
				return err
			}},
			{"list memories", func(ctx context.Context) error {
				_, err := w.Memories.List(ctx, w.P, memory.ListInput{Limit: 20})
				return err
			}},
			{"by topic", func(ctx context.Context) error {
				_, err := w.Conversations.ByTopic(ctx, w.P, conversation.TopicInput{Topic: "refunds", Limit: 20})
				return err
			}},
		} {
			if op.name == "list" { // 20 conversations changed since the board
				w.Advance(time.Hour)
				w.OK(conversation.Lists{Service: w.Conversations}.Renew(context.Background(), w.P.Workspace, true))
				w.Advance(time.Hour)
				for j := range 20 {
					w.Add(ids[(j*7919)%n], "What was said.")
				}
			}
			b.Run(fmt.Sprintf("%s/%d", op.name, n), func(b *testing.B) { tabletest.Cost(b, op.do) })
		}
	}
}
