package conversations

import (
	"testing"

	"griot/internal/api/apitest"
)

// What is streamed is written in parts.
type (
	timeline struct {
		Data []memoryResponse `json:"data"`
		timelineRest
	}
	memoryList struct {
		Data []memoryResponse `json:"data"`
		memoriesRest
	}
	siblings struct {
		Data []siblingResponse `json:"data"`
		siblingsRest
	}
)

func TestAnswersAreDocumented(t *testing.T) {
	apitest.Structs(t, "/api/", map[string]any{
		"OneConversation": envelope[conversationResponse]{}, "ConversationList": page[conversationResponse]{}, "Timeline": timeline{},
		"ByTopicResult": byTopicResponse{}, "SearchResult": searchResponse{},
		"OneMemory": envelope[memoryResponse]{}, "MemoryCreated": createdResponse{}, "MemoryList": memoryList{}, "NamedUpdated": updateNamedResponse{},
		"BulkDeleted": bulkDeleteResponse{}, "BatchResult": batchResponse{}, "MemorySearchResult": memorySearchResponse{}, "Siblings": siblings{},
		"OneTopic": envelope[topicResponse]{}, "TopicList": page[topicResponse]{}, "TopicSearchResult": topicSearchResponse{},
		"KeyList": envelope[[]keyResponse]{}, "KeyCreated": envelope[createKeyResponse]{}, "DebugUser": envelope[debugUserResponse]{}, "Me": meResponse{},
		"SystemHealth": nil, // of package api
	})
}
