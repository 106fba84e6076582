package replay_test

import (
	"context"
	"io"
	"slices"
	"testing"
	"time"

	"griot/infra/stack"
	"griot/infra/stack/event"
	"griot/internal/blob"
	"griot/internal/queue"
	"griot/internal/system"
	"griot/internal/table"
)

// guard stands for IAM: it fails the test when a function does what the
// policies of the stack do not allow it.
type guard struct {
	t        *testing.T
	function string
	allowed  []stack.Statement
}

func (g guard) want(action, resource string) {
	g.t.Helper()
	if !slices.ContainsFunc(g.allowed, func(st stack.Statement) bool { return st.Allows(action, resource) }) {
		g.t.Errorf("%s may not %s on %s", g.function, action, resource)
	}
}

// around puts the guard in front of ports.
func (g guard) around(s system.Ports) system.Ports {
	out := system.Ports{Table: guardedTable{s.Table, g}, Blobs: guardedBlobs{s.Blobs, g}, Queues: map[queue.Name]queue.Queue{}, Now: s.Now}
	for name, q := range s.Queues {
		out.Queues[name] = guardedQueue{q, g, name}
	}
	return out
}

type guardedTable struct {
	table.Store
	guard
}

func (s guardedTable) Get(ctx context.Context, key table.Key, c table.Consistency) (table.Item, error) {
	s.want("dynamodb:GetItem", event.Place.TableARN(key.Table))
	return s.Store.Get(ctx, key, c)
}

func (s guardedTable) BatchGet(ctx context.Context, keys []table.Key, c table.Consistency) ([]table.Item, error) {
	for _, key := range keys {
		s.want("dynamodb:BatchGetItem", event.Place.TableARN(key.Table))
	}
	return s.Store.BatchGet(ctx, keys, c)
}

func (s guardedTable) Query(ctx context.Context, q table.Query) (table.Page, error) {
	s.want("dynamodb:Query", event.Place.TableARN(q.Table))
	return s.Store.Query(ctx, q)
}

func (s guardedTable) Write(ctx context.Context, op table.Op) (table.Item, error) {
	s.writes(op)
	return s.Store.Write(ctx, op)
}

func (s guardedTable) Transact(ctx context.Context, ops []table.Op) error {
	s.writes(ops...)
	return s.Store.Transact(ctx, ops)
}

// writes: the driver puts where an update meets an expired item.
func (s guardedTable) writes(ops ...table.Op) {
	for _, op := range ops {
		for _, action := range map[table.Kind][]string{
			table.PutOp: {"PutItem"}, table.UpdateOp: {"UpdateItem", "PutItem"},
			table.DeleteOp: {"DeleteItem"}, table.CheckOp: {"ConditionCheckItem"},
		}[op.Kind] {
			if action == "PutItem" && slices.Contains(op.If, table.Exists()) {
				continue // only what may be absent is put in the place of an expired item
			}
			s.want("dynamodb:"+action, event.Place.TableARN(op.Key.Table))
		}
	}
}

type guardedBlobs struct {
	blob.Store
	guard
}

func (s guardedBlobs) Put(ctx context.Context, key string, r io.Reader, size int64, p blob.Put) (blob.Info, error) {
	s.want("s3:PutObject", event.Place.BucketARN()+"/"+key)
	s.want("s3:AbortMultipartUpload", event.Place.BucketARN()+"/"+key)
	return s.Store.Put(ctx, key, r, size, p)
}

func (s guardedBlobs) Get(ctx context.Context, key string) (io.ReadCloser, blob.Info, error) {
	s.want("s3:GetObject", event.Place.BucketARN()+"/"+key)
	return s.Store.Get(ctx, key)
}

// GetRange reads a segment of the search index, which a merge may have
// replaced: then S3 has to say that it is gone.
func (s guardedBlobs) GetRange(ctx context.Context, key string, offset, length int64) (io.ReadCloser, blob.Info, error) {
	s.want("s3:GetObject", event.Place.BucketARN()+"/"+key)
	s.want("s3:ListBucket", event.Place.BucketARN())
	return s.Store.GetRange(ctx, key, offset, length)
}

// Stat is how to find out whether an object is there, and S3 tells that only
// those who may list.
func (s guardedBlobs) Stat(ctx context.Context, key string) (blob.Info, error) {
	s.want("s3:GetObject", event.Place.BucketARN()+"/"+key)
	s.want("s3:ListBucket", event.Place.BucketARN())
	return s.Store.Stat(ctx, key)
}

func (s guardedBlobs) Delete(ctx context.Context, key string) error {
	s.want("s3:DeleteObject", event.Place.BucketARN()+"/"+key)
	return s.Store.Delete(ctx, key)
}

func (s guardedBlobs) List(ctx context.Context, prefix, after string) ([]blob.Info, bool, error) {
	s.want("s3:ListBucket", event.Place.BucketARN())
	return s.Store.List(ctx, prefix, after)
}

func (s guardedBlobs) PresignPut(ctx context.Context, key string, p blob.SignPut) (blob.PutRequest, error) {
	s.want("s3:PutObject", event.Place.BucketARN()+"/"+key)
	return s.Store.PresignPut(ctx, key, p)
}

func (s guardedBlobs) PresignGet(ctx context.Context, key string, g blob.SignGet) (blob.GetRequest, error) {
	s.want("s3:GetObject", event.Place.BucketARN()+"/"+key)
	return s.Store.PresignGet(ctx, key, g)
}

type guardedQueue struct {
	queue.Queue
	guard
	name queue.Name
}

func (q guardedQueue) Send(ctx context.Context, messages ...queue.Outgoing) error {
	q.want("sqs:SendMessage", event.Place.QueueARN(q.name))
	return q.Queue.Send(ctx, messages...)
}

func (q guardedQueue) Retry(ctx context.Context, m queue.Message, after time.Duration) error {
	q.want("sqs:ChangeMessageVisibility", event.Place.QueueARN(q.name))
	return q.Queue.Retry(ctx, m, after)
}
