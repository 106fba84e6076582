package stack

import (
	"time"

	"griot/internal/api/conversations"
	"griot/internal/queue"
)

// conversationRows are the conversations API.
var conversationRows = []Function{
	{
		New: conversations.List, Alarms: ConversationReads, Conversations: Get | BatchGet | Query,
		Objects: Objects{Get: []string{lists}, List: true},
		Sends:   []queue.Name{queue.Tidy},
	},
	{
		New: conversations.Create, Alarms: ConversationWrites, Sessions: Get | Put | Update, Conversations: Put,
		Sends: []queue.Name{queue.Merge, queue.Tidy},
	},
	{New: conversations.Get, Alarms: ConversationReads, Conversations: Get | BatchGet | Query},
	{
		New: conversations.Rename, Alarms: ConversationWrites, Sessions: Get | Put | Update | Delete,
		Conversations: Get | BatchGet | Query | Put | Update, Sends: []queue.Name{queue.Merge},
	},
	{
		New: conversations.Delete, Alarms: ConversationWrites, Sessions: Put | Update,
		Conversations: Get | Query | Put | Update | Delete, Sends: []queue.Name{queue.Purge}, Audit: true,
	},
	{
		New: conversations.Timeline, Alarms: Streams, Dear: true, Conversations: BatchGet | Query, Limit: "StreamConcurrency",
		Timeout: 5 * time.Minute, // at 100 KB a second, 30 MB
	},
	{New: conversations.ByTopic, Alarms: ConversationReads, Dear: true, Conversations: Get | BatchGet | Query},
	{
		New: conversations.Search, Alarms: Searches, Dear: true, Canary: true, Conversations: Get | BatchGet | Query,
		Objects: Objects{Get: []string{index}, List: true}, Memory: processor,
	},
	{
		New: conversations.CreateMemory, Alarms: ConversationWrites, Dear: true, Canary: true, Sessions: Get | Query | Put | Update,
		Conversations: Get | BatchGet | Query | Put | Update | Delete, Sends: []queue.Name{queue.Merge, queue.Tidy},
	},
	{New: conversations.ListMemories, Alarms: ConversationReads, Conversations: Get | BatchGet | Query},
	{New: conversations.GetMemory, Alarms: ConversationReads, Conversations: Get | BatchGet},
	{
		New: conversations.UpdateMemory, Alarms: ConversationWrites, Dear: true, Sessions: Get | BatchGet | Query | Put | Update | Delete,
		Conversations: Get | BatchGet | Query | Put | Update | Delete, Sends: []queue.Name{queue.Merge, queue.Tidy},
	},
	{
		New: conversations.DeleteMemory, Alarms: ConversationWrites, Sessions: Get | BatchGet | Put | Update | Delete,
		Conversations: Get | BatchGet | Query | Put | Update | Delete, Sends: []queue.Name{queue.Merge, queue.Purge},
		Audit: true,
	},
	{
		New: conversations.BulkDelete, Alarms: Bulk, Dear: true, Sessions: Get | BatchGet | Put | Update | Delete,
		Conversations: Get | BatchGet | Query | Put | Update | Delete, Sends: []queue.Name{queue.Merge, queue.Purge},
		Timeout: longestAnswer, Audit: true,
	},
	{
		New: conversations.BulkUpdate, Alarms: Bulk, Dear: true, Sessions: Get | BatchGet | Query | Put | Update | Delete,
		Conversations: Get | BatchGet | Query | Put | Update | Delete, Sends: []queue.Name{queue.Merge, queue.Tidy},
		Timeout: longestAnswer,
	},
	{
		New: conversations.BulkTag, Alarms: Bulk, Dear: true, Sessions: Get | BatchGet | Query | Put | Update | Delete,
		Conversations: Get | BatchGet | Query | Put | Update | Delete, Sends: []queue.Name{queue.Merge, queue.Tidy},
		Timeout: longestAnswer,
	},
	{New: conversations.Stats, Alarms: ConversationReads, Dear: true, Conversations: Get | Query},
	{New: conversations.Batch, Alarms: ConversationReads, Dear: true, Conversations: BatchGet},
	{
		New: conversations.SearchMemories, Alarms: Searches, Dear: true, Conversations: Get | BatchGet | Query,
		Objects: Objects{Get: []string{index}, List: true}, Memory: processor,
	},
	{
		New: conversations.SearchMemoriesGet, Alarms: Searches, Dear: true, Conversations: Get | BatchGet | Query,
		Objects: Objects{Get: []string{index}, List: true}, Memory: processor,
	},
	{
		New: conversations.Similar, Alarms: Searches, Dear: true, Conversations: Get | BatchGet | Query,
		Objects: Objects{Get: []string{index}, List: true}, Memory: processor,
	},
	{New: conversations.Related, Alarms: ConversationReads, Dear: true, Conversations: Get | BatchGet | Query},
	{New: conversations.Around, Alarms: ConversationReads, Conversations: Get | BatchGet | Query},
	{
		New: conversations.BuildContext, Alarms: Searches, Dear: true, Conversations: Get | BatchGet | Query,
		Objects: Objects{Get: []string{index}, List: true}, Memory: processor,
	},
	{New: conversations.Siblings, Alarms: ConversationReads, Conversations: Get | BatchGet | Query},
	{New: conversations.ListRelationships, Alarms: ConversationReads, Conversations: Get | BatchGet},
	{
		New: conversations.CreateRelationship, Alarms: ConversationWrites, Sessions: Get | Put | Update,
		Conversations: Get | BatchGet | Put | Update,
	},
	{New: conversations.DeleteRelationship, Alarms: ConversationWrites, Conversations: Get | BatchGet | Update},
	{New: conversations.GetNamed, Alarms: ConversationReads, Conversations: Get | BatchGet},
	{
		New: conversations.UpdateNamed, Alarms: ConversationWrites, Dear: true, Sessions: Get | BatchGet | Query | Put | Update | Delete,
		Conversations: Get | BatchGet | Query | Put | Update | Delete, Sends: []queue.Name{queue.Merge, queue.Tidy},
	},
	{
		New: conversations.AppendNamed, Alarms: ConversationWrites, Dear: true, Sessions: Get | BatchGet | Query | Put | Update | Delete,
		Conversations: Get | BatchGet | Query | Put | Update | Delete, Sends: []queue.Name{queue.Merge, queue.Tidy},
	},
	{New: conversations.History, Alarms: ConversationReads, Dear: true, Conversations: Get | BatchGet | Query},
	{
		New: conversations.CreateCommit, Alarms: ConversationWrites, Dear: true, Sessions: Get | Query | Put | Update,
		Conversations: Get | BatchGet | Query | Put | Update | Delete, Sends: []queue.Name{queue.Merge, queue.Tidy},
	},
	{
		New: conversations.ListTopics, Alarms: ConversationReads, Conversations: Get | Query,
		Sends: []queue.Name{queue.Tidy},
	},
	{New: conversations.GetTopic, Alarms: ConversationReads, Conversations: Get | Query},
	{New: conversations.SearchTopics, Alarms: Searches, Dear: true, Conversations: Get | Query, Sends: []queue.Name{queue.Tidy}},
	{New: conversations.SimilarTopics, Alarms: Searches, Dear: true, Conversations: Get | Query},
	{New: conversations.RelatedTopics, Alarms: Searches, Dear: true, Conversations: Get | BatchGet | Query},
	{
		New: conversations.MergeTopics, Alarms: Bulk, Dear: true, Sessions: Get | BatchGet | Put | Update | Delete,
		Conversations: Get | BatchGet | Query | Put | Update | Delete, Sends: []queue.Name{queue.Merge, queue.Tidy},
		Timeout: longestAnswer,
	},
	{New: conversations.ListKeys, Alarms: Keys, Access: BatchGet | Query},
	{
		New: conversations.CreateKey, Alarms: Keys, Access: Query | Put | Update | Delete | Check,
		Sessions: Get | Put | Delete, Audit: true,
	},
	{
		New: conversations.DeleteKey, Alarms: Keys, Access: Query | Put | Update | Delete | Check, Sessions: Delete,
		Audit: true,
	},
	{New: conversations.DebugUser, Alarms: Keys},
	{New: conversations.FeatureFlags, Alarms: Keys},
	{New: conversations.Alerts, Alarms: Keys},
	{New: conversations.Gate, Alarms: Keys},
	{New: conversations.Me, Alarms: Keys, Conversations: BatchGet | Query},
	{New: conversations.Usage, Alarms: Keys, Access: Query, Sessions: Query, Conversations: BatchGet | Query},
	{
		New: conversations.StartDeletion, Alarms: Bulk, Access: Get | Query | Update, Sessions: Put | Update | Delete,
		Timeout: longestAnswer, Audit: true,
	},
	{
		New: conversations.CancelDeletion, Alarms: Bulk, Access: Get | Query | Update, Sessions: Put | Delete,
		Timeout: longestAnswer, Audit: true,
	},
	{
		New: conversations.Export, Alarms: Streams, Dear: true, Conversations: Get | Query, Limit: "StreamConcurrency",
		Timeout: 5 * time.Minute,
	},
	{
		New: conversations.Import, Alarms: Bulk, Dear: true, Sessions: Get | Query | Update,
		Conversations: Get | BatchGet | Query | Put | Update | Delete | Check, Sends: []queue.Name{queue.Merge, queue.Tidy},
		Timeout: longestAnswer,
	},
}
