package conversation

import (
	"context"
	"encoding/json"
	"fmt"
)

// Job is the body of a message in queue.Purge or queue.Tidy.
type Job struct {
	Workspace    string   `json:"workspace"`
	Conversation string   `json:"conversation,omitempty"`
	Memories     []string `json:"memories,omitempty"` // of the conversation; none: all of it
	Weigh        bool     `json:"weigh,omitempty"`    // also note what memories weigh, see quota
	Renewal      int64    `json:"renewal,omitempty"`  // the due time in milliseconds of what renews it in the index: nothing is deleted
}

// Encode returns the message body of a job.
func (j Job) Encode() []byte {
	data, err := json.Marshal(j)
	if err != nil {
		panic(err) // strings always encode
	}
	return data
}

// DecodeJob reads a message body.
func DecodeJob(body []byte) (Job, error) {
	var j Job
	if err := json.Unmarshal(body, &j); err != nil {
		return Job{}, fmt.Errorf("decoding a job: %w", err)
	}
	return j, nil
}

// Work does what a job of queue.Tidy says.
func (s *Service) Work(ctx context.Context, j Job) error {
	if j.Weigh {
		if err := s.quotas().Weigh(ctx, j.Workspace); err != nil {
			return err
		}
	}
	return s.Tidy(ctx, j.Workspace)
}

// Tidy folds topics' deltas, seals fences, gathers lanes that nobody writes to,
// merges topics that names of today say are one, and finishes merges.
func (s *Service) Tidy(ctx context.Context, workspace string) error {
	if _, err := s.fences().Seal(ctx, workspace); err != nil {
		return err
	}
	if _, err := s.topics().Fold(ctx, workspace); err != nil {
		return err
	}
	if err := s.tallies().Tidy(ctx, workspace); err != nil {
		return err
	}
	if err := s.refold(ctx, workspace); err != nil {
		return err
	}
	return s.finishMerges(ctx, workspace)
}
