-- One POST for wrk, its figures as one line of JSON. A "%d" in the body becomes the number of the call.
-- Arguments: path, body, number of calls (0: until the time is over), then "Name: value" headers.

local limit, answered, turn = 0, 0, 0

function init(arguments)
    wrk.method, wrk.path, wrk.body, limit = "POST", arguments[1], arguments[2], tonumber(arguments[3])
    for place = 4, #arguments do
        local name, value = arguments[place]:match("^(.-): (.*)$")
        wrk.headers[name] = value
    end
    if wrk.body:find("%d", 1, true) then
        request = vary
    end
    -- Counting costs the client time: only where a number of calls is asked for.
    if limit > 0 then
        response = count
    end
end

function vary()
    turn = turn + 1
    return wrk.format(nil, nil, nil, (wrk.body:gsub("%%d", turn)))
end

function count()
    answered = answered + 1
    if answered == limit then
        wrk.thread:stop()
    end
end

function done(summary, latency)
    local errors = summary.errors
    print(string.format(
        '{"calls": %d, "seconds": %.6f, "p50": %.6f, "p99": %.6f, "refused": %d, "broken": %d}',
        summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e6, latency:percentile(99) / 1e6,
        errors.status, errors.connect + errors.read + errors.write + errors.timeout
    ))
end
