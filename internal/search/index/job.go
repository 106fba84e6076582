package index

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"griot/internal/queue"
	"griot/internal/table"
)

// Job is the body of a message in queue.Merge: the workspace to Merge.
type Job struct {
	Workspace string `json:"workspace"`
}

// Encode returns the message body of a job.
func (j Job) Encode() []byte {
	data, err := json.Marshal(j)
	if err != nil {
		panic(err) // a string always encodes
	}
	return data
}

// DecodeJob reads a message body.
func DecodeJob(body []byte) (Job, error) {
	var j Job
	if err := json.Unmarshal(body, &j); err != nil {
		return Job{}, fmt.Errorf("decoding a merge job: %w", err)
	}
	if j.Workspace == "" {
		return Job{}, errors.New("decoding a merge job: it has no workspace")
	}
	return j, nil
}

// jobBytes is how much is written, on average, between two jobs for Merge.
const jobBytes = mergeAt / 2

// Written takes note of committed writes of Put: it sends a job for Merge with
// a probability in proportion to their size. So processes that know nothing
// of each other agree on when to merge. A call that is lost costs reading,
// never a hit.
func (x *Index) Written(ctx context.Context, workspace string, ops ...table.Op) error {
	size := 0
	for _, op := range ops {
		if op.Key.PK == tailPK(workspace) {
			size += table.Item{Key: op.Key, Attrs: op.Attrs}.Size()
		}
	}
	if size <= rand.IntN(jobBytes) {
		return nil
	}
	return x.sendJob(ctx, workspace, 0)
}

func (x *Index) sendJob(ctx context.Context, workspace string, delay time.Duration) error {
	err := x.Merges.Send(ctx, queue.Outgoing{Body: Job{workspace}.Encode(), Group: workspace, Delay: delay})
	if err != nil {
		return fmt.Errorf("sending a merge job: %w", err)
	}
	return nil
}
