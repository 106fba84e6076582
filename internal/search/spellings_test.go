package search_test

import (
	"fmt"
	"testing"

	"griot/internal/search"
	"griot/internal/table"
)

// Each text is the first hit of its queries among all texts of a group: however
// it is spelled, whole and by its parts.
func TestSpellings(t *testing.T) {
	for _, group := range [][]struct {
		text    string
		queries []string
	}{
		{ // code
			{"The helper trackParcelRoute is slow since Monday.", []string{"trackParcelRoute", "track_parcel_route", "parcel route", "TRACK-PARCEL-ROUTE", "track parcel"}},
			{"PARCEL_WEIGHT_MAX is read from the environment.", []string{"parcelWeightMax", "parcel weight", "PARCEL_WEIGHT_MAX", "max weight"}},
			{"A route of the bus was tracked, its weight is max two tons.", []string{"bus route", "tons"}},
			{"decodeJPEGImage fails on large pictures.", []string{"jpeg image", "decode jpeg", "decodeJpegImage"}},
			{"The old compiler of C++ is gone.", []string{"C++ compiler"}},
			{"The old compiler of C# is gone.", []string{"C# compiler"}},
			{"Look at services/mail/sender_queue.go line 40.", []string{"services/mail/sender_queue.go", "sender_queue.go", "sender queue", "senderQueue"}},
			{"Look at services/chat/sender_list.go line 40.", []string{"services/chat/sender_list.go", "senderList"}},
		},
		{ // numbers
			{"Upgrade to v3.14.1 first.", []string{"3.14.1", "v3.14.1", "version 3.14.1"}},
			{"Upgrade to v3.1.14 first.", []string{"3.1.14"}},
			{"Room 3, floor 14, desk 1, door 3 and 1 and 14.", []string{"room 3 floor 14"}},
			{"The bill is 12,480.90 in all.", []string{"12480.90", "12,480.90"}},
			{"480 bills in 12 boxes for 90 days.", []string{"90 days"}},
			{"The printer has 172.20.9.30 now.", []string{"172.20.9.30"}},
			{"The printer has 172.30.9.20 now.", []string{"172.30.9.20"}},
			{"Call 555-017-2233 about it.", []string{"555-017-2233", "5550172233"}},
			{"Ticket OPS-2291 is open.", []string{"OPS-2291", "ops2291"}},
			{"Ticket OPS-1922 is open.", []string{"OPS-1922"}},
		},
		{ // addresses
			{"Write to mona.field@depot.example about the gate.", []string{"mona.field@depot.example", "mona field", "monafield"}},
			{"Write to mona.depot@field.example about the gate.", []string{"mona.depot@field.example"}},
			{"See https://www.depot.example/gates/north-side.html for plans.", []string{"https://www.depot.example/gates/north-side.html", "www.depot.example/gates/north-side.html", "north side plans", "northside"}},
		},
		{ // joined and apart
			{"The wi-fi is down, and so is the check-in.", []string{"wifi", "wi-fi", "checkin", "check in"}},
			{"You can sign up at the desk.", []string{"signup", "sign-up", "sign up desk"}},
			{"The E.E.C. met in the rain.", []string{"EEC", "E.E.C."}},
			{"It is a three.js drawing.", []string{"threejs", "three.js"}},
		},
		{ // names
			{"We asked Will about the fence.", []string{"Did Will mention the fence?", "what did Will say"}},
			{"We will paint the fence; will it hold?", []string{"paint the fence"}},
			{"The IT room is locked.", []string{"IT room", "it room"}},
			{"The music room is locked, it is loud.", []string{"music room"}},
			{"Songs of The Who at night.", []string{"songs by The Who"}},
			{"Songs of somebody who came at night, who knows.", []string{"somebody knows songs"}},
		},
		{ // signs
			{"Harbour is open ⚓🎉", []string{"⚓", "🎉", "harbour 🎉"}},
			{"Thanks 👍🏾", []string{"👍", "👍🏻"}},
			{"Flight to 🇵🇹", []string{"🇵🇹"}},
			{"Flight to 🇵🇪", []string{"🇵🇪"}},
		},
		{ // Chinese, Japanese, Thai
			{"上海的海上风很大。", []string{"海上风"}},
			{"他把海带回上海。", []string{"回上海"}},
			{"国王住在王国的中心。", []string{"国王"}},
			{"旅行者ガイドを買いました。", []string{"旅行者", "ガイド", "ｶﾞｲﾄﾞ"}},
			{"行者は旅に出た。", []string{"行者は"}},
			{"ฉันชอบกินข้าวผัด", []string{"ข้าวผัด"}},
			{"เขาไปตลาดเช้า", []string{"ตลาด"}},
		},
		{ // Korean
			{"도서관에서 책을 빌렸다.", []string{"도서관", "책"}},
			{"국립박물관은 월요일에 쉰다.", []string{"박물관", "월요일"}},
		},
		{ // Arabic, Persian, Hebrew
			{"قرأتُ الكِتَابَ أمس.", []string{"الكتاب", "قرات"}},
			{"ذهبت إلى المدرسة صباحًا.", []string{"مدرسه", "مدرسة", "صباحا"}},
			{"کتاب\u200cها را می\u200cخوانم.", []string{"کتابها", "کتاب ها", "ميخوانم"}},
			{"הַסֵּפֶר עַל הַשֻּׁלְחָן.", []string{"הספר", "השלחן"}},
		},
		{ // Latin letters
			{"Herr Müller wohnt in der Straße am Fluß.", []string{"Mueller", "Müller", "strasse", "MÜLLER", "Fluss"}},
			{"Frau Schroeder wohnt im Hof.", []string{"Schröder", "schroeder"}},
			{"Diyarbakır'da IŞIK sönük.", []string{"diyarbakir", "ışık", "isik"}},
			{"L’école d'Aix est fermée.", []string{"école", "ecole aix", "fermee"}},
			{"ＦＵＬＬ ｗｉｄｔｈ ﬁsh", []string{"full width", "fish"}},
		},
	} {
		index, closed, err := newIndex()
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range group {
			op := index.Put("ws_1", search.Doc{Conversation: fmt.Sprintf("conv_%03d", i), Memory: "m", Text: c.text})
			if err := index.Table.Transact(t.Context(), []table.Op{op}); err != nil {
				t.Fatal(err)
			}
		}
		for i, c := range group {
			for _, query := range c.queries {
				if got := firstHit(t.Context(), t, index, query); got != fmt.Sprintf("conv_%03d", i) {
					t.Errorf("%q finds %q, not %q", query, got, c.text)
				}
			}
		}
		closed()
	}
}
