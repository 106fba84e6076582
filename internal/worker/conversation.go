package worker

import (
	"context"
	"maps"

	"griot/internal/closing"
	"griot/internal/conversation/bridge"
	"griot/internal/conversation/upkeep"
	"griot/internal/queue"
	"griot/internal/search"
	"griot/internal/session/lifecycle"
	"griot/internal/session/result"
	"griot/internal/table"
	"griot/internal/task"
	"griot/internal/transcriber"
)

// Bridge makes a completed session the conversation that it becomes.
func Bridge(sessions *result.Service, conversations *bridge.Service) Worker {
	return serve(queue.Bridge, task.Handlers{task.Bridge: func(ctx context.Context, job task.Message) error {
		u, todo, err := sessions.Unbridged(ctx, job.Ref())
		if err != nil || !todo {
			return err
		}
		record := func(ctx context.Context, id string, ops []table.Op) (string, error) {
			return sessions.RecordConversation(ctx, u.Ref(), id, ops)
		}
		if err := conversations.Bridge(ctx, job.Workspace, bridged(u), record); err != nil {
			return err
		}
		return sessions.Bridged(ctx, u)
	}})
}

func bridged(u result.Unbridged) bridge.Input {
	return bridge.Input{
		Session: u.ID, ArtifactURI: u.ArtifactURI(), Title: u.Title, At: u.At(),
		Conversation: u.Conversation, Segments: u.Segments, Result: u.Result,
		Missing: u.Missing, Changed: u.Changed, Stands: u.Stands(),
	}
}

// Tidy folds topics, seals fences and finishes merges of topics of a
// workspace.
func Tidy(keeper *upkeep.Service) Worker {
	return serve(queue.Tidy, keeper.Handlers())
}

// Merge moves what was written lately of a workspace's search index into
// segments.
func Merge(index *search.Index) Worker {
	return serve(queue.Merge, task.Handlers{task.MergeIndex: func(ctx context.Context, job task.Message) error {
		return index.Merge(ctx, job.Workspace)
	}})
}

// Purge carries a deletion out: of a session, of a conversation or of single
// memories, or of a workspace. It also stops the engine at work for a session that
// is over; engine may be nil.
func Purge(sessions *lifecycle.Service, keeper *upkeep.Service, engine transcriber.Engine) Worker {
	handlers := keeper.Handlers()
	maps.Copy(handlers, (&closing.Service{Sessions: sessions, Conversations: keeper.Conversations}).Handlers())
	handlers[task.PurgeSession] = func(ctx context.Context, job task.Message) error {
		if err := stop(ctx, sessions.Recordings, engine, job); err != nil {
			return ignorePassing(ctx, job, err)
		}
		return sessions.Purge(ctx, job.Ref())
	}
	return serve(queue.Purge, handlers)
}
