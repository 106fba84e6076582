// Package system puts the services and the workers together upon the ports:
// for the embedded host, and for tests of the whole, which choose drivers, a
// clock and an extractor. On AWS each function makes only what it needs.
package system

import (
	"context"
	"time"

	"griot/internal/access"
	"griot/internal/blob"
	"griot/internal/closing"
	"griot/internal/conversation"
	"griot/internal/conversation/bridge"
	"griot/internal/conversation/find"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/topic"
	"griot/internal/conversation/topic/merge"
	"griot/internal/conversation/upkeep"
	"griot/internal/extraction"
	"griot/internal/extraction/rules"
	"griot/internal/fetch"
	"griot/internal/llm"
	"griot/internal/queue"
	"griot/internal/search"
	"griot/internal/session"
	"griot/internal/session/lifecycle"
	"griot/internal/table"
	"griot/internal/task"
	"griot/internal/transcriber"
	"griot/internal/worker"
)

// Ports are the drivers and the clock of a system.
type Ports struct {
	Table  table.Store
	Blobs  blob.Store
	Queues map[queue.Name]queue.Queue
	Now    func() time.Time
}

// Config is what else a host chooses. Nothing of it is required.
type Config struct {
	Cache         *search.Cache    // of the search index; nil: none
	Changes       *session.Changes // is told of what sessions write
	Turns         *session.Turns   // lets writers of one session follow each other
	Process       string           // tells this process from others
	KeepMedia     time.Duration    // how long recordings are kept
	MinutesPerDay int64            // of recordings, for each workspace
	LoopbackURLs  bool             // takes URLs of files on this machine
	FetchesAtOnce int              // of a workspace's URLs, where the queue does not see to that

	Fetch      *fetch.Client                                      // nil: nobody works on what is to be fetched
	Engine     transcriber.Engine                                 // of recordings; nil: they are refused
	NoEngine   string                                             // what a refused recording's owner is told
	Transcribe func(context.Context, transcriber.Recording) error // the engine's own work; nil: none
	Extractor  extraction.Extractor                               // none: the rules
	Model      llm.Model                                          // asked first where there is one
}

// System is the domain of griot on its ports.
type System struct {
	Access        *access.Directory
	Index         *search.Index
	Conversations *conversation.Service
	Memories      *memory.Service
	Topics        *topic.Service
	Merges        *merge.Service // of topics
	Searches      *find.Service
	Upkeep        *upkeep.Service
	Sessions      *lifecycle.Service
	Sweeper       *task.Sweeper
	Workers       map[queue.Name]worker.Worker
}

// New returns the services, and the workers behind the queues, upon p.
func New(p Ports, c Config) *System {
	s := &System{
		Access: &access.Directory{Table: p.Table, Now: p.Now},
		Index:  &search.Index{Table: p.Table, Blobs: p.Blobs, Merges: p.Queues[queue.Merge], Cache: c.Cache},
	}
	s.Conversations = &conversation.Service{Table: p.Table, Boards: conversation.Boards(p.Blobs), Index: s.Index, Jobs: p.Queues, Now: p.Now}
	s.Memories = &memory.Service{Conversations: s.Conversations}
	s.Topics = &topic.Service{Table: p.Table, Jobs: p.Queues, Now: p.Now}
	s.Merges = &merge.Service{Conversations: s.Conversations}
	s.Searches = &find.Service{Conversations: s.Conversations}
	s.Upkeep = &upkeep.Service{Conversations: s.Conversations}
	s.Sessions = lifecycle.New(&session.Store{
		Table: p.Table, Blobs: p.Blobs, Jobs: p.Queues, Now: p.Now, Process: c.Process, Turns: c.Turns, KeepMedia: c.KeepMedia,
	}, lifecycle.Options{Projects: s.Access, HideConversation: s.Conversations.HideOps, LoopbackURLs: c.LoopbackURLs, MinutesPerDay: c.MinutesPerDay})
	if c.Changes != nil {
		s.Sessions.Sessions.Table = c.Changes.Observe(p.Table)
	}
	looks := task.All(s.Sessions.Looks(), s.Upkeep.Looks(), closing.Looks(s.Conversations))
	s.Sweeper = &task.Sweeper{Table: p.Table, Now: p.Now, Looks: looks}
	if c.Extractor.Extract == nil {
		c.Extractor = rules.Extractor()
	}
	files := worker.Files{
		Sessions: s.Sessions, Blobs: p.Blobs, Engine: c.Engine, NoEngine: c.NoEngine, Names: worker.Topics(s.Topics),
	}
	s.Workers = map[queue.Name]worker.Worker{
		queue.Ingest:  files.Ingest(),
		queue.Extract: worker.Extract(s.Sessions.Results, c.Extractor, c.Model),
		queue.Bridge:  worker.Bridge(s.Sessions.Results, &bridge.Service{Conversations: s.Conversations}),
		queue.Tidy:    worker.Tidy(s.Upkeep),
		queue.Merge:   worker.Merge(s.Index),
		queue.Purge:   worker.Purge(s.Sessions, s.Upkeep, c.Engine),
	}
	if c.Fetch != nil {
		files.Fetch, files.FetchesAtOnce = *c.Fetch, c.FetchesAtOnce
		s.Workers[queue.Fetch] = files.FetchURL()
	}
	if c.Transcribe != nil {
		s.Workers[queue.Transcribe] = worker.Transcribe(s.Sessions.Recordings, files.Names, c.Transcribe)
	}
	return s
}
