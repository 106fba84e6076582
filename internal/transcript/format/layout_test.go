package format

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"griot/internal/transcript"
)

// Every layout, in scripts and tongues of many kinds, as .txt and as .md.
func TestLayouts(t *testing.T) {
	for _, r := range []struct {
		name, in, layout string
		want             []string
		passed           int
	}{
		{"name and colon", "Ngozi: Wir fangen an.\nUwe: Gut.\nNgozi: Also.", "name_colon",
			[]string{"Ngozi|||Wir fangen an.", "Uwe|||Gut.", "Ngozi|||Also."}, 0},
		{"small letters, once", "moderatorin: Und du?\ntn07: Ich buche nur.\nmoderatorin: Danke.\ntn11: Gern.", "name_colon",
			[]string{"moderatorin|||Und du?", "tn07|||Ich buche nur.", "moderatorin|||Danke.", "tn11|||Gern."}, 0},
		{"titles, brackets, numbers, addresses", "Hon. Ruta Vaitkus (Minister of Ports): Yes.\n+49 170 ***12: Hallo?\nrv@ports.example: No.\n🦊 Fox: Hm.\nHon. Ruta Vaitkus (Minister of Ports): So.\n+49 170 ***12: Ja.\nrv@ports.example: Well.", "name_colon",
			[]string{"Hon. Ruta Vaitkus (Minister of Ports)|||Yes.", "+49 170 ***12|||Hallo?", "rv@ports.example|||No.", "🦊 Fox|||Hm.", "Hon. Ruta Vaitkus (Minister of Ports)|||So.", "+49 170 ***12|||Ja.", "rv@ports.example|||Well."}, 0},
		{"Devanagari and Arabic", "मीना: नमस्ते।\n\u200fسلمى: أهلا.\nमीना: ठीक है।\nسلمى\u00a0: نعم.", "name_colon",
			[]string{"मीना|||नमस्ते।", "سلمى|||أهلا.", "मीना|||ठीक है।", "سلمى|||نعم."}, 0},
		{"other white space, the same speaker", "Jo  Ann\tLi: a\nBo: b\nJo\u00a0Ann Li: c", "name_colon", []string{"Jo Ann Li|||a", "Bo|||b", "Jo Ann Li|||c"}, 0},
		{"capitals, the same speaker", "ILSE KRÄMER: Hallo.\nBo: Hi.\nIlse Krämer: So.\nBO: Ja.", "name_colon", []string{"Ilse Krämer|||Hallo.", "Bo|||Hi.", "Ilse Krämer|||So.", "Bo|||Ja."}, 0},
		{"who speaks once", "Ilse Krämer: Hallo.\n\nUnd das so.\n\nBo Ahn: Ja.\n\nUnd?\n\n🦊 Fuchs: Ich.\n\nIlse Krämer: Gut.\n\nfuchs@example.org: Auch.\n\nBo Ahn: So.\n\n+49 170 5550012: Hm.\n\nDas: nicht.\n\nIlse Krämer: Nein.", "name_colon",
			[]string{"Ilse Krämer|||Hallo. Und das so.", "Bo Ahn|||Ja. Und?", "🦊 Fuchs|||Ich.", "Ilse Krämer|||Gut.", "fuchs@example.org|||Auch.", "Bo Ahn|||So.", "+49 170 5550012|||Hm. Das: nicht.", "Ilse Krämer|||Nein."}, 0},
		{"initials", "Ilse K.  0:03\nHallo.\n\nBo Jr.  0:09\nJa.\n\nIlse K.  0:15\nGut.", "name_time_line", []string{"Ilse K.|3000||Hallo.", "Bo Jr.|9000||Ja.", "Ilse K.|15000||Gut."}, 0},
		{"brackets in brackets", "[Ilse (Acme)] hallo\n[Bo] ja\n[Ilse (Acme)] gut\n[Bo] hm", "name_bracket", []string{"Ilse (Acme)|||hallo", "Bo|||ja", "Ilse (Acme)|||gut", "Bo|||hm"}, 0},
		{"a talk before questions", "Ein Vortrag über Häfen.\n\nMehr nicht.\n\nUTXO: das ist ein Wort.\n\nEs geht weiter.\n\nUnd weiter.\n\nUnd weiter.\n\nUnd noch.\n\nUnd Schluss.\n\nQ: Warum?\n\nA: Darum.\n\nQ: Und?\n\nA: Nichts.", "name_colon",
			[]string{"|||Ein Vortrag über Häfen.", "|||Mehr nicht.", "|||UTXO: das ist ein Wort.", "|||Es geht weiter.", "|||Und weiter.", "|||Und weiter.", "|||Und noch.", "|||Und Schluss.", "Q|||Warum?", "A|||Darum.", "Q|||Und?", "A|||Nichts."}, 0},
		{"a place, a party", "Ilse Krämer (Bremen) (Ost): Hallo.\nGast (1): Hi.\nIlse Krämer: So.\nGast (2): Ja.", "name_colon", []string{"Ilse Krämer|||Hallo.", "Gast (1)|||Hi.", "Ilse Krämer|||So.", "Gast (2)|||Ja."}, 0},
		{"a role in brackets", "Ilse Krämer (host): Hallo.\nBo: Hi.\nIlse Krämer: So.", "name_colon", []string{"Ilse Krämer|||Hallo.", "Bo|||Hi.", "Ilse Krämer|||So."}, 0},
		{"time in all places", "[0:05] Ilse: a\n(0:06) Bo: b\nIlse [0:07]: c\nBo (0:08 - 0:09): d\n0:10 Ilse: e\nBo: [0:11] f", "name_colon",
			[]string{"Ilse|5000||a", "Bo|6000||b", "Ilse|7000||c", "Bo|8000|9000|d", "Ilse|10000||e", "Bo|11000||f"}, 0},
		{"full-width marks", "田中（00:01:02）：はい。\n鈴木【00:01:09】：いいえ。", "name_colon", []string{"田中|62000||はい。", "鈴木|69000||いいえ。"}, 0},
		{"times behind the words", "I: Seit wann? #00:00:04-2#\nB: Seit Mai. #00:00:09-0#\nI: Ach. #00:00:10-5#", "name_colon",
			[]string{"I||4200|Seit wann?", "B|4200|9000|Seit Mai.", "I|9000|10500|Ach."}, 0},
		{"time of day", "[14:02:10] Ilse: a\n[14:02:41] Bo: b\n[14:08:02] Ilse: c", "name_colon", []string{"Ilse|0||a", "Bo|31000||b", "Ilse|352000||c"}, 0},
		{"a label outside the rhythm", "Folien: https://example.org/x\n\nEin Vortrag über Häfen.\n\nBIP 12: das ist eine Zahl.\n\nErstens: wir warten.\n\nDas war es.", "prose",
			[]string{"|||Ein Vortrag über Häfen.", "|||BIP 12: das ist eine Zahl.", "|||Erstens: wir warten.", "|||Das war es."}, 1},
		{"fields above", "Datum: 4. Mai\nOrt: Raum 3\nTeilnehmer: Ilse, Bo\n\nIlse: Hallo.\nBo: Ja?\nIlse: So.", "name_colon", []string{"Ilse|||Hallo.", "Bo|||Ja?", "Ilse|||So."}, 3},
		{"Otter", "Ilse Krämer  0:03  \nHallo zusammen.\nUnd so.\n\nBo  0:09  \nJa.\n\nIlse Krämer  1:02:15  \nGut.\n\nTranscribed by https://otter.ai", "name_time_line",
			[]string{"Ilse Krämer|3000||Hallo zusammen. Und so.", "Bo|9000||Ja.", "Ilse Krämer|3735000||Gut."}, 1},
		{"Teams, with a header that says how long it took", "Jour fixe-20260311-Besprechungstranskript\n11. März 2026, 09:15\n52m 10s\n\nIlse Krämer started transcription\n\nIlse Krämer   0:03\nHallo.\n\nBo   0:09\nJa.\n\nIlse Krämer   5:15\nGut.", "name_time_line",
			[]string{"Ilse Krämer|3000||Hallo.", "Bo|9000||Ja.", "Ilse Krämer|315000||Gut."}, 2},
		{"Feishu", "陈静 00:00:03\n开始吧。\n\npeter 00:00:09\n好。\n\n陈静 00:00:15\n走。", "name_time_line", []string{"陈静|3000||开始吧。", "peter|9000||好。", "陈静|15000||走。"}, 0},
		{"brackets, dashes, commas", "Ilse (00:03)\na\nBo - 00:09\nb\nIlse, 00:12\nc\n[Bo] 00:15\nd", "name_time_line", []string{"Ilse|3000||a", "Bo|9000||b", "Ilse|12000||c", "Bo|15000||d"}, 0},
		{"Slack", "Ilse Krämer  9:58 AM\nGuten Morgen.\nBo  10:02 AM\nMorgen!\n10:04\nKaffee?\nIlse Krämer  12:10 PM\nJa.", "name_time_line",
			[]string{"Ilse Krämer|0||Guten Morgen.", "Bo|240000||Morgen!", "Bo|360000||Kaffee?", "Ilse Krämer|7920000||Ja."}, 0},
		{"Zoom's captions", "[Ilse Krämer] 13:36:31\nHallo.\n\n[Bo] 13:36:40\nJa.\n\n[Ilse Krämer] 13:41:46\nGut.", "name_time_line", []string{"Ilse Krämer|0||Hallo.", "Bo|9000||Ja.", "Ilse Krämer|315000||Gut."}, 0},
		{"time, then name", "00:00:03 Sprecher 1\nHallo.\n00:00:09 Sprecher 2\nJa.\n00:00:15 Sprecher 1\nGut.", "time_name_line", []string{"Sprecher 1|3000||Hallo.", "Sprecher 2|9000||Ja.", "Sprecher 1|15000||Gut."}, 0},
		{"Happy Scribe", "[00:00:03.120] - Ilse\nHallo.\n\n[00:00:09.040] - Bo\nJa.", "time_name_line", []string{"Ilse|3120||Hallo.", "Bo|9040||Ja."}, 0},
		{"Fathom", "Sync - May 04\nVIEW RECORDING - 6 mins\n\n---\n\n0:03 - Ilse Krämer (Acme)\n  Hallo.\n\n0:09 - Bo\n  Ja.\n\n0:12 - Ilse Krämer (Acme)\n  Gut.", "time_name_line",
			[]string{"Ilse Krämer (Acme)|3000||Hallo.", "Bo|9000||Ja.", "Ilse Krämer (Acme)|12000||Gut."}, 3},
		{"Slack, copied", "Ilse Krämer\n  9:58 AM\nGuten Morgen.\nBo\n  10:02 AM\nMorgen!\n10:04\nKaffee?\nIlse Krämer\n  12:10 PM\nJa.", "name_line_time_line",
			[]string{"Ilse Krämer|0||Guten Morgen.", "Bo|240000||Morgen!", "Bo|360000||Kaffee?", "Ilse Krämer|7920000||Ja."}, 0},
		{"Discord", "ilse_k — Yesterday at 11:59 PM\nGuten Abend.\nbo — Today at 12:03 AM\nMorgen!\nUnd?\nilse_k — Today at 12:10 AM\nJa.", "name_time_line", []string{"ilse_k|0||Guten Abend.", "bo|240000||Morgen! Und?", "ilse_k|660000||Ja."}, 0},
		{"Discord, exported", "[04-May-26 02:02 PM] ilse#1234\nGuten Tag.\n\n[05-May-26 02:02 PM] bo#0001\nTag!\n\n[05-May-26 02:04 PM] ilse#1234\nJa.", "time_name_line", []string{"ilse#1234|0||Guten Tag.", "bo#0001|86400000||Tag!", "ilse#1234|86520000||Ja."}, 0},
		{"Signal", "[May 4, 2026, 2:02:03 PM] Ilse: Guten Tag.\n[May 4, 2026, 2:03:03 PM] Bo: Tag!\nUnd?\n[May 5, 2026, 2:03:03 PM] Ilse: Ja.", "dated_chat", []string{"Ilse|0||Guten Tag.", "Bo|60000||Tag! Und?", "Ilse|86460000||Ja."}, 0},
		{"over midnight", "[Ilse] 23:58:31\nHallo.\n\n[Bo] 23:59:40\nJa.\n\n[Ilse] 00:01:46\nGut.\n\n[Bo] 00:02:00\nEben.", "name_time_line", []string{"Ilse|0||Hallo.", "Bo|69000||Ja.", "Ilse|195000||Gut.", "Bo|209000||Eben."}, 0},
		{"a time that never moves", "0:00 Ilse Krämer  0:03\n\n0:00 Hallo.\n\n0:00 Bo  0:09\n\n0:00 Ja.\n\n0:00 Ilse Krämer  0:15\n\n0:00 Gut.", "name_time_line", []string{"Ilse Krämer|3000||Hallo.", "Bo|9000||Ja.", "Ilse Krämer|15000||Gut."}, 0},
		{"times alone, with a colon", "Ilse (00:00:03):\nHallo.\n\nBo (00:00:09):\nJa.\n\n(00:00:15):\nGut.\n\nIlse (00:00:20):\nSo.", "name_colon", []string{"Ilse|3000||Hallo.", "Bo|9000||Ja.", "Bo|15000||Gut.", "Ilse|20000||So."}, 0},
		{"one time of day", "(10:04 a.m.)\nILSE: Fangen wir an.\nBO: Ja.\nILSE: Gut.", "name_colon", []string{"ILSE|||Fangen wir an.", "BO|||Ja.", "ILSE|||Gut."}, 1},
		{"parliaments", "DIE PRÄSIDENTIN: Das Wort hat Bo.\n\nBO: Danke.\n\n17\n\nAN HON. MEMBER: Hört!\n\nDIE PRÄSIDENTIN: Ruhe.\n\n18\n\nBO: Also. Note: das ist neu.\n\nNote: ein Satz.", "name_colon",
			[]string{"DIE PRÄSIDENTIN|||Das Wort hat Bo.", "BO|||Danke.", "AN HON. MEMBER|||Hört!", "DIE PRÄSIDENTIN|||Ruhe.", "BO|||Also. Note: das ist neu. Note: ein Satz."}, 2},
		{"offices", "The Chair: Bo, bitte.\n\nBo Krämer: Danke.\n\nUnd weiter.\n\nThe Chair: Gut.\n\nBo Krämer: Ja.", "name_colon", []string{"The Chair|||Bo, bitte.", "Bo Krämer|||Danke. Und weiter.", "The Chair|||Gut.", "Bo Krämer|||Ja."}, 0},
		{"questions and answers with dashes", "Q - Seit wann?\n\nA - Seit Mai.\n\nQ - Und?\n\nA - Gut: sehr gut.", "question_answer", []string{"Q|||Seit wann?", "A|||Seit Mai.", "Q|||Und?", "A|||Gut: sehr gut."}, 0},
		{"hours, minutes, seconds", "Ilse [1m 02s]: Hallo.\nBo [1h2m3s]: Ja.\nIlse [01.02.04]: Gut.", "name_colon", []string{"Ilse|62000||Hallo.", "Bo|3723000||Ja.", "Ilse|3724000||Gut."}, 0},
		{"seconds", "[0.00s -> 2.50s] Hallo.\n[2.50s -> 4.00s] Ja.", "time_words", []string{"|0|2500|Hallo.", "|2500|4000|Ja."}, 0},
		{"Teams, pasted", "[10:32 AM] Ilse Krämer\nHallo.\n[10:33 AM] Bo\nJa.\n[10:40 AM] Ilse Krämer\nGut.", "time_name_line", []string{"Ilse Krämer|0||Hallo.", "Bo|60000||Ja.", "Ilse Krämer|480000||Gut."}, 0},
		{"Premiere", "00:00:03:15 - 00:00:08:00\nIlse\nHallo.\n\n00:00:09:00 - 00:00:12:00\nBo\nJa.", "time_line_name_line", []string{"Ilse|3500|8000|Hallo.", "Bo|9000|12000|Ja."}, 0},
		{"Zencastr", "00:03.12\nIlse\nHallo.\n\n00:09.40\nBo\nJa.\n\n00:12.00\nIlse\nGut.", "time_line_name_line", []string{"Ilse|3120||Hallo.", "Bo|9400||Ja.", "Ilse|12000||Gut."}, 0},
		{"Avoma", "Ilse\n00:03\nHallo.\n\nBo\n00:09\nJa.\n\nIlse\n00:12\nGut.", "name_line_time_line", []string{"Ilse|3000||Hallo.", "Bo|9000||Ja.", "Ilse|12000||Gut."}, 0},
		{"the panel of Teams", "Ilse Krämer\n0 minutes 3 seconds\n0:03\nIlse Krämer 0 minutes 3 seconds\nHallo.\nBo\n1 minute 9 seconds\n1:09\nBo 1 minute 9 seconds\nJa.", "name_line_time_line", []string{"Ilse Krämer|3000||Hallo.", "Bo|69000||Ja."}, 0},
		{"capitals", "ILSE KRÄMER\nHallo.\n\nBO\nJa.\n\nILSE KRÄMER\nGut.\n\nBO\nHm.", "name_line", []string{"ILSE KRÄMER|||Hallo.", "BO|||Ja.", "ILSE KRÄMER|||Gut.", "BO|||Hm."}, 0},
		{"brackets", "[anke] hallo\n[bo] ja\n[anke] gut\n[bo] hm", "name_bracket", []string{"anke|||hallo", "bo|||ja", "anke|||gut", "bo|||hm"}, 0},
		{"IRC", "[14:02:10] <anke> hallo\n[14:02:12] <bo> ja\n[14:02:15] <anke> gut", "name_bracket", []string{"anke|0||hallo", "bo|2000||ja", "anke|5000||gut"}, 0},
		{"tabs", "Ilse\tHallo.\nBo\tJa.\nIlse\tGut.", "name_tab", []string{"Ilse|||Hallo.", "Bo|||Ja.", "Ilse|||Gut."}, 0},
		{"courts", "     Q.   State your name.\n     A.   Ilse\n  Krämer.\n     Q.   Where?\n          THE COURT:  Louder.\n     A.   Bremen.", "question_answer",
			[]string{"Q|||State your name.", "A|||Ilse Krämer.", "Q|||Where?", "THE COURT|||Louder.", "A|||Bremen."}, 0},
		{"WhatsApp on iOS", "[04.05.26, 14:02:03] Ilse: \u200eMessages and calls are end-to-end encrypted.\n[04.05.26, 14:02:10] Ilse: Hallo.\n[04.05.26, 14:02:41] ~\u202fBo: Ja.\nUnd?\n\u200e[04.05.26, 14:03:10] Ilse: \u200eimage omitted\n[05.05.26, 14:02:03] Ilse: Gut.", "dated_chat",
			[]string{"Ilse|0||Hallo.", "Bo|31000||Ja. Und?", "Ilse|86393000||Gut."}, 2},
		{"WhatsApp on Android", "04/05/2026, 14:02 - Messages and calls are end-to-end encrypted.\n04/05/2026, 14:02 - Ilse: Hallo.\n04/05/2026, 14:05 - Bo joined using this group's invite link\n04/05/2026, 14:06 - Bo: Ja.\n04/05/2026, 14:07 - Ilse: <Media omitted>\n04/05/2026, 14:08 - Ilse: Gut.", "dated_chat",
			[]string{"Ilse|0||Hallo.", "Bo|240000||Ja.", "Ilse|360000||Gut."}, 3},
		{"what a chat says itself", "04/05/2026, 14:02 - Ilse: Hallo.\n04/05/2026, 14:03 - Bo changed the subject from \"Hafen: Ost\" to \"Hafen\"\n04/05/2026, 14:04 - Bo: IMG-1.jpg (file attached)\n04/05/2026, 14:05 - Bo: Ja. <This message was edited>\n04/05/2026, 14:06 - Ilse: \u200eBild weggelassen\n04/05/2026, 14:07 - Ilse: null", "dated_chat", []string{"Ilse|0||Hallo.", "Bo|180000||Ja."}, 4},
		{"WhatsApp in America", "5/4/26, 2:02 PM - Ilse: Hallo.\n5/4/26, 2:04 PM - Bo: Ja.\n5/5/26, 2:02 AM - Ilse: Gut.", "dated_chat", []string{"Ilse|0||Hallo.", "Bo|120000||Ja.", "Ilse|43200000||Gut."}, 0},
		{"time before the words", "00:00 der Tag beginnt\n00:04 und endet\n00:09 spät", "time_words", []string{"|0||der Tag beginnt", "|4000||und endet", "|9000||spät"}, 0},
		{"time, dash, words", "0:00 - der Tag beginnt\n0:04 - und endet", "time_words", []string{"|0||der Tag beginnt", "|4000||und endet"}, 0},
		{"whisper.cpp", "[00:00:00.000 --> 00:00:03.320]   Hallo.\n[00:00:03.320 --> 00:00:05.000]   Ja.\n[00:00:05.000 --> 00:00:07.000]   [BLANK_AUDIO]", "time_words", []string{"|0|3320|Hallo.", "|3320|5000|Ja."}, 1},
		{"time above the words", "0:00\nder tag beginnt\n0:04\nund endet\nspät", "time_line", []string{"|0||der tag beginnt", "|4000||und endet spät"}, 0},
		{"change marks, begun before", "und so\nweiter\n>> Gut.\n>> Ja.\n>> Nein.", "change_marks", []string{"|||und so weiter", "|||Gut.", "|||Ja.", "|||Nein."}, 0},
		{"change marks in the middle", "Das ist es. >> Gut. >> Ja.\n>> Nein. >> Doch.", "change_marks", []string{"|||Das ist es.", "|||Gut.", "|||Ja.", "|||Nein.", "|||Doch."}, 0},
		{"change marks", ">> Guten Tag.\n>> Guten Tag. Wie geht es?\nUnd sonst?\n>> Gut.", "change_marks", []string{"|||Guten Tag.", "|||Guten Tag. Wie geht es? Und sonst?", "|||Gut."}, 0},
		{"dialogue", "– Kommst du?\n– Gleich.\n– Wann?", "dialogue", []string{"|||Kommst du?", "|||Gleich.", "|||Wann?"}, 0},
		{"notices", "Ilse started transcription\n\nIlse: Hallo.\n(lacht)\nUnd?\nBo: Ja.\n\nIlse has left the meeting\n\nIlse: Gut.\nMeeting ended after 00:06:12 👋", "name_colon", []string{"Ilse|||Hallo. Und?", "Bo|||Ja.", "Ilse|||Gut."}, 4},
		{"prose", "Es war ein Tag.\nEin langer.\n\nDann: Nacht.", "prose", []string{"|||Es war ein Tag. Ein langer.", "|||Dann: Nacht."}, 0},
	} {
		t.Run(r.name, func(t *testing.T) {
			p := mustParse(t, r.in)
			if diff := cmp.Diff(r.want, short(p.Turns)); diff != "" {
				t.Error(diff)
			}
			if p.Reading.Layout != r.layout || p.Reading.PassedOver != r.passed {
				t.Errorf("read as %s with %d lines passed over, want %s and %d", p.Reading.Layout, p.Reading.PassedOver, r.layout, r.passed)
			}
			checkTurns(t, p.Turns)
			if r.layout == "prose" || strings.Contains(r.in, "<") { // which begins a tag of Markdown
				return
			}
			md := mustParse(t, "# Gespräch\n\n## Verlauf\n\n"+strings.ReplaceAll(r.in, "\n[", "\n\n["))
			if got := md.Reading.Speakers; md.Format != string(Markdown) || !cmp.Equal(got, p.Reading.Speakers) || md.Reading.Timed != p.Reading.Timed {
				t.Errorf("as Markdown: %s, %s, speakers %q, timed %t", md.Format, md.Reading.Layout, got, md.Reading.Timed)
			}
		})
	}
}

// What Markdown sets off is a name where the words stand below it.
func TestMarkdownLayouts(t *testing.T) {
	check(t, Markdown, []rule{
		{"headings", "# Gespräch\n\n### Ilse\n\nHallo.\n\n### Bo\n\nJa.\n\n### Ilse\n\nGut.\n\nUnd so.", []string{"Ilse|||Hallo.", "Bo|||Ja.", "Ilse|||Gut.", "Ilse|||Und so."}},
		{"bold lines", "# Gespräch\n\n**Ilse**\nHallo.\n\n**Bo**\nJa.\n\n**Ilse**\nGut.", []string{"Ilse|||Hallo.", "Bo|||Ja.", "Ilse|||Gut."}},
		{"bold names and times, quoted words", "**Ilse** 00:03\n> Hallo.\n\n**Bo** 00:09\n> Ja.", []string{"Ilse|3000||Hallo.", "Bo|9000||Ja."}},
		{"bullets", "## Verlauf\n\n- **Ilse** (00:03): Hallo.\n- **Bo** (00:09): Ja.", []string{"Ilse|3000||Hallo.", "Bo|9000||Ja."}},
		{"a masked number", "**+49 170 ***12:** Hallo.\n\n**Bo:** *Ja* und **nein**.\n\n**+49 170 ***12:** Gut.", []string{"+49 170 ***12|||Hallo.", "Bo|||Ja und nein.", "+49 170 ***12|||Gut."}},
		{"a heading that comes again", "# Vortrag\n\n## Häfen\n\nSchiffe.\n\n## Fragen\n\nWarum?\n\n## Kräne\n\nStahl.\n\n## Fragen\n\nWer?", []string{"|||Schiffe.", "|||Warum?", "|||Stahl.", "|||Wer?"}},
		{"headings that are none", "# Vortrag\n\n## Einleitung\n\nHallo.\n\n## Häfen\n\nSchiffe.\n\n## Ende\n\nDanke.", []string{"|||Hallo.", "|||Schiffe.", "|||Danke."}},
		{"speakers in front matter", "---\nspeakers:\n  - Ilse\n---\nIlse: Hallo.\n\nUnd so.\n\nUnd mehr.\n\nUnd noch mehr.\n\nUnd Schluss.", []string{"Ilse|||Hallo.", "Ilse|||Und so.", "Ilse|||Und mehr.", "Ilse|||Und noch mehr.", "Ilse|||Und Schluss."}},
	})
}

// Captions name a speaker by lines, at changes or by marks.
func TestCueLayouts(t *testing.T) {
	const at = "00:00:01,000 --> 00:00:02,500\n"
	check(t, SRT, []rule{
		{"a name holds", "1\n" + at + "Ilse: Guten Tag\n\n2\n" + at + "zusammen.\n\n3\n" + at + "Bo: Tag.\n\n4\n" + at + "Na?",
			[]string{"Ilse|1000|2500|Guten Tag", "Ilse|1000|2500|zusammen.", "Bo|1000|2500|Tag.", "Bo|1000|2500|Na?"}},
		{"a mark ends it", "1\n" + at + ">> ILSE: Guten Tag\n\n2\n" + at + ">> Tag.\n\n3\n" + at + ">> ILSE: Na?", []string{"ILSE|1000|2500|Guten Tag", "|1000|2500|Tag.", "ILSE|1000|2500|Na?"}},
		{"two names in a cue", "1\n" + at + "Ilse: Na?\nBo: Ja.\n\n2\n" + at + "Ilse: Gut.", []string{"Ilse|1000|2500|Na?", "Bo|1000|2500|Ja.", "Ilse|1000|2500|Gut."}},
		{"dashes", "1\n" + at + "- Na?\n- Ja.\n\n2\n" + at + "- Gut.", []string{"|1000|2500|Na?", "|1000|2500|Ja.", "|1000|2500|Gut."}},
		{"marks in the middle", "1\n" + at + ">> ILSE: Na?\n\n2\n" + at + "Kommst du? >> BO: Gleich. >> Und ich?\n\n3\n" + at + ">> ILSE: Du auch.\n\n4\n" + at + ">> BO: Gut.",
			[]string{"ILSE|1000|2500|Na?", "ILSE|1000|2500|Kommst du?", "BO|1000|2500|Gleich.", "|1000|2500|Und ich?", "ILSE|1000|2500|Du auch.", "BO|1000|2500|Gut."}},
		{"a shift that is no mark", "1\n" + at + "eins >> zwei\n\n2\n" + at + "Ende.", []string{"|1000|2500|eins >> zwei", "|1000|2500|Ende."}},
		{"dashes in the middle", "1\n" + at + "- Na? - Ja.\n\n2\n" + at + "Gut - sehr gut.", []string{"|1000|2500|Na?", "|1000|2500|Ja.", "|1000|2500|Gut - sehr gut."}},
		{"dashes and names", "1\n" + at + "- Ilse: Na?\n- Bo: Ja.\n\n2\n" + at + "- Ilse: Gut. - Bo: Eben.", []string{"Ilse|1000|2500|Na?", "Bo|1000|2500|Ja.", "Ilse|1000|2500|Gut.", "Bo|1000|2500|Eben."}},
		{"names above the words", "1\n" + at + "Ilse:\nNa?\n\n2\n" + at + "Und?\n\n3\n" + at + "Bo:\nJa.\n\n4\n" + at + "Ilse:\nGut.", []string{"Ilse|1000|2500|Na?", "Ilse|1000|2500|Und?", "Bo|1000|2500|Ja.", "Ilse|1000|2500|Gut."}},
		{"capitals above the words", "1\n" + at + "ILSE\nNa?\n\n2\n" + at + "BO\nJa.\n\n3\n" + at + "ILSE\nGut.\n\n4\n" + at + "BO\nEben.", []string{"ILSE|1000|2500|Na?", "BO|1000|2500|Ja.", "ILSE|1000|2500|Gut.", "BO|1000|2500|Eben."}},
		{"brackets at changes, and sounds", "1\n" + at + "[Ilse] Na?\n\n2\n" + at + "[Musik]\n\n3\n" + at + "Und?\n\n4\n" + at + "[Bo] Ja.\n\n5\n" + at + "[Ilse] Gut.\n\n6\n" + at + "[Bo] Eben.\n\n7\n" + at + "[Musik] Ende.",
			[]string{"Ilse|1000|2500|Na?", "|1000|2500|[Musik]", "Ilse|1000|2500|Und?", "Bo|1000|2500|Ja.", "Ilse|1000|2500|Gut.", "Bo|1000|2500|Eben.", "Bo|1000|2500|[Musik] Ende."}},
		{"nothing was said", "1\n" + at + "Hallo.\n\n2\n" + at + "[BLANK_AUDIO]", []string{"|1000|2500|Hallo."}},
	})
}

// A hint names speakers that the file alone would not show, its format and its
// language.
func TestHint(t *testing.T) {
	const in = "mutter: so\n\neine lange geschichte\n\nund weiter\n\nund weiter\n\nund ende"
	p, err := Parse(strings.NewReader(in), MaxText, transcript.Hint{Speakers: []string{"mutter"}, Language: "de-at", Format: "markdown"})
	if err != nil || p.Reading.Format != "markdown" || p.Language != "de-AT" || p.Turns[4].Speaker != "mutter" {
		t.Errorf("%+v, %v", p, err)
	}
}

// Files say what is missing in them.
func TestWarnings(t *testing.T) {
	for in, want := range map[string][]string{
		"Es war ein Tag.":                                          {"no_speakers", "no_times"},
		"Ilse: a\n—: b\nIlse: c":                                   {"turns_without_speaker", "no_times"},
		"[14:02:10] Ilse: a\n[14:02:11] Bo: b":                     {"times_of_day"},
		"Datum: 4. Mai\nOrt: hier\n\n[0:01] Ilse: a\n[0:02] Bo: b": {"lines_passed_over"},
		vtt("00:01.000 --> 00:02.000\n<v Ilse>a"):                  {},
		"WEBVTT\n\n1\n00:00:01,000 --> 00:00:02,000\nIlse: a\n\n2\n00:00:02,000 --> 00:00:03,000\nBo: b": {"times_repaired"},
	} {
		got := []string{}
		for _, w := range mustParse(t, in).Reading.Warnings {
			got = append(got, w.Code)
		}
		if !cmp.Equal(got, want) {
			t.Errorf("%q: %v, want %v", in, got, want)
		}
	}
}
