package sac

// #include <sac.h>
import "C"

import (
	"encoding/json"
	"time"
)

// An Attempt is what one attempt of a call did. What has nothing to tell is zero.
type Attempt struct {
	// Status is the HTTP status; Error the name of the code of what went wrong.
	Status int
	Error  string
	// RetriedBecause says why another attempt followed, DoneBecause why none did.
	RetriedBecause string
	DoneBecause    string
	// Waited is how long was waited before it, and DelayFrom who said so: "backoff", "retry-after-ms",
	// "retry-after", "ratelimit-reset", "x-ratelimit-reset", "gate", "limiter".
	Waited    time.Duration
	DelayFrom string
	// ReusedConnection says whether it went over a connection that had carried another request.
	ReusedConnection bool
	// The times that its parts took.
	Resolve, Connect, TLS, FirstByte, Total time.Duration
}

// Journal is what each attempt of the call did, in their order.
func (r *Response) Journal() []Attempt {
	var lines []struct {
		Status           int           `json:"status"`
		Error            string        `json:"error"`
		RetriedBecause   string        `json:"retried_because"`
		DoneBecause      string        `json:"done_because"`
		WaitedMS         time.Duration `json:"waited_ms"`
		DelayFrom        string        `json:"delay_from"`
		ReusedConnection bool          `json:"reused_connection"`
		ResolveUS        time.Duration `json:"resolve_us"`
		ConnectUS        time.Duration `json:"connect_us"`
		TLSUS            time.Duration `json:"tls_us"`
		FirstByteUS      time.Duration `json:"first_byte_us"`
		TotalUS          time.Duration `json:"total_us"`
	}
	if err := json.Unmarshal(r.JournalJSON(), &lines); err != nil {
		return nil
	}
	attempts := make([]Attempt, 0, len(lines))
	for _, line := range lines {
		attempts = append(attempts, Attempt{
			Status:           line.Status,
			Error:            line.Error,
			RetriedBecause:   line.RetriedBecause,
			DoneBecause:      line.DoneBecause,
			Waited:           line.WaitedMS * time.Millisecond,
			DelayFrom:        line.DelayFrom,
			ReusedConnection: line.ReusedConnection,
			Resolve:          line.ResolveUS * time.Microsecond,
			Connect:          line.ConnectUS * time.Microsecond,
			TLS:              line.TLSUS * time.Microsecond,
			FirstByte:        line.FirstByteUS * time.Microsecond,
			Total:            line.TotalUS * time.Microsecond,
		})
	}
	return attempts
}

// JournalJSON is the journal as the library writes it: a JSON array with an object for each attempt.
func (r *Response) JournalJSON() json.RawMessage {
	journal := json.RawMessage("[]")
	r.held.read(func(c *C.sac_response) {
		journal = json.RawMessage(C.GoString(C.sac_response_journal(c)))
	})
	return journal
}
