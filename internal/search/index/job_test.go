package index_test

import (
	"errors"
	"testing"

	"griot/internal/fault"
	"griot/internal/queue"
	"griot/internal/queue/queuetest"
	"griot/internal/search/index"
	"griot/internal/search/posting"
	"griot/internal/table"
	"griot/internal/task"
)

// written tells of one write of n bytes and returns how many jobs it made.
func (w *world) written(n int, ops ...table.Op) int {
	w.t.Helper()
	if n > 0 {
		op := index.Put(workspace, "conv_1", "a", &posting.Unit{})
		op.Attrs[index.RowAttr] = make([]byte, n-table.Item{Key: op.Key, Attrs: op.Attrs}.Size()+len(op.Attrs[index.RowAttr].([]byte)))
		ops = append(ops, op)
	}
	before, err := w.Merges.Depth(w.t.Context())
	w.ok(err)
	w.ok(w.Written(w.t.Context(), workspace, ops...))
	after, err := w.Merges.Depth(w.t.Context())
	w.ok(err)
	return after.Ready - before.Ready
}

func TestWrittenSendsJobsInProportion(t *testing.T) {
	w := newWorld(t)
	others := []table.Op{
		table.Put(table.Key{Table: table.Conversations, PK: "x", SK: "y"}, table.Attrs{"a": make([]byte, index.JobBytes)}),
		index.Put("ws_2", "conv_1", "a", apples()),
	}
	if n := w.written(0, others...); n != 0 {
		t.Errorf("%d jobs of what is in another partition", n)
	}
	if n := w.written(index.JobBytes); n != 1 {
		t.Errorf("%d jobs of enough for one", n)
	}
	jobs := 0
	for range 1000 {
		jobs += w.written(index.JobBytes / 4)
	}
	if jobs < 150 || jobs > 350 { // 7 standard deviations
		t.Errorf("%d jobs of 250", jobs)
	}
	messages, err := w.Merges.Receive(t.Context(), 1, 0)
	w.ok(err)
	if job, err := task.Decode(messages[0].Body); err != nil || job.Workspace != workspace || task.KindOf(queue.Merge, job) != task.MergeIndex {
		t.Errorf("the job is %+v, %v", job, err)
	}
}

// After the lost job of one write comes another write's.
func TestWrittenTellsOfALostJob(t *testing.T) {
	w := newWorld(t)
	merges := queuetest.NewFaulty(w.Merges)
	merges.FailNth(1, fault.Before, fault.Only(queuetest.Send))
	w.Merges = merges
	op := w.Put(workspace, large("conv_1", "a", "apple", 3*index.JobBytes))
	if err := w.Written(t.Context(), workspace, op); !errors.Is(err, fault.ErrInjected) {
		t.Errorf("a job that is not sent: %v", err)
	}
	w.ok(w.Written(t.Context(), workspace, op))
	if d, err := w.Merges.Depth(t.Context()); err != nil || d.Ready != 1 {
		t.Errorf("%+v, %v", d, err)
	}
}
