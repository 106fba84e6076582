package stack

import (
	"griot/internal/api/sessions"
	"griot/internal/queue"
)

// reader is the memory, in MB, of who follows transcripts, which is paid for as long
// as somebody does: enough to export the largest one, 10 MB in segments of 20 bytes.
const reader = 256

// sessionRows are the sessions API.
var sessionRows = []Function{
	{
		New: sessions.Create, Alarms: Writes, Canary: true, Access: Query, Sessions: Get | Query | Put | Update | Delete, Conversations: Query,
		Objects: Objects{Named: true}, Sends: []queue.Name{queue.Ingest, queue.Fetch},
		With: []string{"Projects", "LoopbackURLs"},
	},
	{New: sessions.List, Alarms: Reads, Sessions: BatchGet | Query},
	{New: sessions.Get, Alarms: Reads, Sessions: BatchGet},
	{
		New: sessions.Delete, Alarms: Writes, Sessions: Get | Put | Update | Delete,
		Conversations: Get | Query | Put | Update | Delete, Sends: []queue.Name{queue.Purge}, Audit: true,
		With: []string{"HideConversation"},
	},
	{
		New: sessions.Transcript, Alarms: Streams, Canary: true, Sessions: Get | BatchGet | Query | Put | Update,
		Objects: Objects{Get: []string{files}}, Limit: "StreamConcurrency", Timeout: longestFollowed, Dear: true,
		Memory: reader,
	},
	{New: sessions.Append, Alarms: Writes, Canary: true, Sessions: Get | BatchGet | Put | Delete},
	{New: sessions.Segments, Alarms: Reads, Sessions: Get | Query},
	{New: sessions.Cancel, Alarms: Writes, Sessions: Get | Put | Update | Delete, Sends: []queue.Name{queue.Purge}},
	{New: sessions.Complete, Alarms: Writes, Sessions: Get | Put | Update | Delete, Sends: []queue.Name{queue.Extract}},
	{
		New: sessions.Retry, Alarms: Writes, Sessions: Get | BatchGet | Query | Put | Update | Delete,
		Objects: Objects{Get: []string{uploads, inbox, files}, List: true},
		Sends:   []queue.Name{queue.Ingest, queue.Fetch, queue.Extract}, Dear: true,
	},
	{New: sessions.Extraction, Alarms: Reads, Sessions: BatchGet, Objects: Objects{Get: []string{files}, List: true}},
	{
		New: sessions.Extract, Alarms: Writes, Dear: true, Sessions: Get | BatchGet | Put | Delete,
		Objects: Objects{Get: []string{files}, List: true}, Sends: []queue.Name{queue.Extract},
	},
	{
		New: sessions.Media, Alarms: Reads, Sessions: Get | BatchGet,
		Objects: Objects{Get: []string{files, uploads, inbox}, List: true},
	},
	{
		New: sessions.CreateUpload, Alarms: Writes, Sessions: Get | Query | Put | Update, Conversations: Query,
		Objects: Objects{Get: []string{uploads}, Sign: []string{uploads}, List: true},
	},
	{
		New: sessions.GetUpload, Alarms: Reads, Sessions: Get,
		Objects: Objects{Get: []string{uploads}, Sign: []string{uploads}, List: true},
	},
	{New: sessions.GetDeletion, Alarms: Reads, Sessions: Get},
	{New: sessions.ListProjects, Alarms: Reads, Access: Query},
	{New: sessions.Usage, Alarms: Reads, Access: Query, Sessions: Query, Conversations: Query},
	{New: sessions.CreateProject, Alarms: Writes, Access: Put, Sessions: Get | Put | Update, Audit: true},
}
