// Function conversations-search serves POST /api/conversations/search.
package main

import (
	"time"

	"griot/internal/api/conversations"
	"griot/internal/conversation"
	"griot/internal/lambdafn"
	"griot/internal/search"
	"griot/internal/setup"
	"griot/internal/setup/objects"
	"griot/internal/setup/tables"
	"griot/internal/table"
)

func main() {
	c := setup.Function()
	store := tables.Open(c, table.Access, table.Conversations)
	index := &search.Index{Table: store, Blobs: objects.Open(c), Now: time.Now, Cache: search.NewCache(512 << 20)}
	svc := &conversation.Service{Table: store, Index: index, Now: time.Now}
	lambdafn.API(lambdafn.Edge(store, conversations.Search(svc)))
}
