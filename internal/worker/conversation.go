package worker

import (
	"context"

	"griot/internal/conversation"
	"griot/internal/search"
	"griot/internal/session"
	"griot/internal/table"
	"griot/internal/transcriber"
)

// Bridge makes a completed session the conversation that it becomes.
func Bridge(sessions *session.Service, conversations *conversation.Service) Worker {
	return func(ctx context.Context, body []byte) error {
		job, err := decode(body)
		if err != nil {
			return err
		}
		u, todo, err := sessions.Unbridged(ctx, job.Workspace, job.Session)
		if err != nil || !todo {
			return err
		}
		record := func(ctx context.Context, id string, ops []table.Op) (string, error) {
			return sessions.RecordConversation(ctx, job.Workspace, u.ID, id, ops)
		}
		if err := conversations.Bridge(ctx, job.Workspace, bridged(u), record); err != nil {
			return err
		}
		return sessions.Bridged(ctx, u)
	}
}

func bridged(u session.Unbridged) conversation.BridgeInput {
	return conversation.BridgeInput{
		Session: u.ID, ArtifactURI: u.ArtifactURI(), Title: u.Title, At: u.At(),
		Conversation: u.Conversation, Segments: u.Segments, Result: u.Result,
		Missing: u.Missing, Changed: u.Changed, Stands: u.Stands(),
	}
}

// Tidy folds topics, seals fences and finishes merges of topics of a
// workspace.
func Tidy(conversations *conversation.Service) Worker {
	return func(ctx context.Context, body []byte) error {
		job, err := conversation.DecodeJob(body)
		if err != nil {
			return &Drop{"the body is not a job"}
		}
		return conversations.Tidy(ctx, job.Workspace)
	}
}

// Merge moves what was written lately of a workspace's search index into
// segments.
func Merge(index *search.Index) Worker {
	return func(ctx context.Context, body []byte) error {
		job, err := search.DecodeJob(body)
		if err != nil {
			return &Drop{"the body is not a job"}
		}
		return index.Merge(ctx, job.Workspace)
	}
}

// Purge carries a deletion out: of a session, of a conversation or of single
// memories. It also stops the engine at work for a session that is over;
// engine may be nil.
func Purge(sessions *session.Service, conversations *conversation.Service, engine transcriber.Engine) Worker {
	return func(ctx context.Context, body []byte) error {
		job, err := conversation.DecodeJob(body)
		if err != nil {
			return &Drop{"the body is not a job"}
		}
		if job.Conversation != "" {
			return conversations.Purge(ctx, job)
		}
		of, err := decode(body)
		if err != nil {
			return err
		}
		if err := stop(ctx, sessions, engine, of); err != nil {
			return ignorePassing(ctx, of, err)
		}
		return sessions.Purge(ctx, of.Workspace, of.Session)
	}
}
