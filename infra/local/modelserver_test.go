package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"griot/internal/llm/llmtest"
)

// kiln is about 4,000 bytes of talk.
const kiln = `Marta: Before anybody fires the big kiln we look at the shelves, because the wash flakes off and sticks to the glaze. I scrape them with the putty knife, then I paint two coats of wash and let them dry until the next morning, and only then do we load.
Ivo: Who decides what goes in together?
Marta: I do, and when I am away it is Renske, nobody else. The tall pieces stand at the back, the plates go on the lowest shelf, and there is a hand's breadth to the thermocouple. After that I write the load into the blue book, with the date and the cone that we want.
Ivo: And the programme of the controller?
Marta: The controller has six programmes, and number four is the one that Joost wrote before he left. It climbs slowly to six hundred degrees, it holds for an hour, and then it goes up to cone six. Nobody has written down why it holds for that hour, and I would not dare to change it.
Ivo: What happens when the power fails in the night?
Marta: Then the controller starts again from the beginning, which is the worst that it could do. So whoever has the evening looks at the display at ten, and if the number is lower than the one on the sheet they switch it off and call me. We lost a whole load of the hotel's plates that way in March.
Ivo: Is there a contract for repairs?
Marta: There is one with Veldhoven Ovens, and they are the only ones who have the elements for this model. They come within a week, if we are lucky. I keep two spare elements in the cupboard under the stairs, and one spare relay, since the relay is what breaks first.
Ivo: How do you know that a firing was good?
Marta: I take the witness cones out first, when the kiln is under a hundred degrees, and I lay them on the sheet. The middle one has to be bent like a finger. If it stands upright we fire again with programme two, and if it lies flat I write to the customer before I open anything else.
Ivo: And the glazes, who mixes them?
Marta: Renske mixes them on Mondays after the recipe cards, she weighs everything twice, and she sieves it through the eighty mesh. The cards are in her handwriting, and there is no copy. I have asked her to type them, but there was the fair, and then the summer course, and so it never came to that.
Ivo: What would you tell somebody who begins next week?
Marta: Never open the lid above a hundred degrees, whatever a customer says. Wear the dark glasses at the spy hole. Ask Renske before you touch a bucket, and put the date on every bucket that you open. When the alarm of the extractor goes, you leave the room first and you think afterwards.
Ivo: Does the alarm go often?
Marta: Twice a year, perhaps. It is the fan belt, and there is a spare one on the nail behind the door. You switch off the fuse marked seven, you lift the cover, you change the belt, and you write it into the blue book, so that we order the next one. That takes ten minutes, but only if somebody has shown you once which way the belt has to run.
`

// A small model with room for a part of an interview reads it in halves, and
// has little to say. The session completes all the same, shows nothing that was
// not said, and says what was not read and what it has cost.
func TestModelServerReads(t *testing.T) {
	instructions, err := os.Stat("../../internal/extraction/prompt/text/instructions.md")
	ok(t, err)
	// The whole request has some 850 tokens more than the instructions, which
	// have one for four bytes, and half of the interview 400 fewer than the
	// whole. A context is a multiple of 256.
	room := (instructions.Size()/4 + 800) / 256 * 256
	server := llmtest.Start(t, "--ctx-size", fmt.Sprint(room))
	target, err := url.Parse(server.URL)
	ok(t, err)
	var mu sync.Mutex
	var status []int
	front := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ModifyResponse: func(r *http.Response) error {
			mu.Lock()
			defer mu.Unlock()
			status = append(status, r.StatusCode)
			return nil
		},
	})
	t.Cleanup(front.Close)

	s := start(t, t.TempDir(), "-model-url", front.URL, "-model", "smollm2")
	id := s.Upload(t, kiln)
	for end := time.Now().Add(10 * time.Minute); s.Call(t, "GET", "/v1/sessions/"+id, nil, 200)["status"] != "completed"; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not completed; the model server has answered %d", status)
		}
	}
	if !slices.Contains(status, 400) || !slices.Contains(status, 200) {
		t.Errorf("the model server has answered %d: the whole should be too long for %d tokens, and its halves not", status, room)
	}
	found := s.Call(t, "GET", "/v1/sessions/"+id+"/extraction", nil, 200)
	t.Logf("answers %d, usage %v, dropped %v, warnings %v", status, found["usage"], found["dropped"], found["warnings"])
	// Half of an interview in so few words is not to be had. Where the model got
	// to the end of nothing, the rules have stepped in.
	said := map[any]string{"model": "part_incomplete", "rules": "model_unavailable"}
	by, usage := found["extractor"].(map[string]any), found["usage"].(map[string]any)
	if code := said[by["name"]]; code == "" || !strings.Contains(fmt.Sprint(found["warnings"]), code) {
		t.Errorf("extracted by %v with the warnings %v", by, found["warnings"])
	}
	if usage["input_tokens"].(float64) < 1000 || usage["output_tokens"].(float64) == 0 {
		t.Errorf("usage is %v", usage)
	}
	if _, counted := found["dropped"].(map[string]any); !counted {
		t.Errorf("dropped is %v", found["dropped"])
	}
	wantSaid(t, found)
}

// wantSaid looks that each quote of a result stands in the interview.
func wantSaid(t *testing.T, value any) {
	t.Helper()
	switch v := value.(type) {
	case []any:
		for _, each := range v {
			wantSaid(t, each)
		}
	case map[string]any:
		for name, each := range v {
			if quote, is := each.(string); is && name == "quote" && !strings.Contains(kiln, quote) {
				t.Errorf("nobody said %q", quote)
			}
			wantSaid(t, each)
		}
	}
}
