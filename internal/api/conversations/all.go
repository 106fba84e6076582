package conversations

import (
	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/api/openapi"
	"griot/internal/conversation"
)

// All is the whole conversations API, for a host that serves it as one. What
// it says about the service itself is in package api.
func All(svc *conversation.Service, dir *access.Directory) []api.Endpoint {
	return []api.Endpoint{
		List(svc), Create(svc), Get(svc), Rename(svc), Delete(svc), Timeline(svc), ByTopic(svc), Search(svc),
		CreateMemory(svc), ListMemories(svc), GetMemory(svc), UpdateMemory(svc), DeleteMemory(svc),
		BulkDelete(svc), Batch(svc), SearchMemories(svc), SearchMemoriesGet(svc), Siblings(svc),
		GetNamed(svc), UpdateNamed(svc),
		ListTopics(svc), GetTopic(svc), SearchTopics(svc), MergeTopics(svc),
		ListKeys(dir), CreateKey(dir), DeleteKey(dir), DebugUser(), Me(svc, dir),
		openapi.ConversationsEndpoint(),
	}
}
