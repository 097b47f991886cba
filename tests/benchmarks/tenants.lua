-- One call for wrk in several tenants by turns, its figures as one line of JSON.
-- Arguments: method, path, body, number of tenants, then "Name: value" headers. Each "Cust1" in path and headers becomes
-- the name of the tenant.

local requests, turn = {}, 0

function init(arguments)
    local method, path, body, count = arguments[1], arguments[2], arguments[3], tonumber(arguments[4])
    for tenant = 1, count do
        local name, headers = "Cust" .. (30000 + tenant), {}
        for place = 5, #arguments do
            local header, value = arguments[place]:match("^(.-): (.*)$")
            headers[header] = value:gsub("Cust1", name)
        end
        requests[tenant] = wrk.format(method, path:gsub("Cust1", name), headers, body ~= "" and body or nil)
    end
end

function request()
    turn = turn % #requests + 1
    return requests[turn]
end

function done(summary, latency)
    local errors = summary.errors
    print(string.format(
        '{"calls": %d, "seconds": %.6f, "refused": %d, "broken": %d}',
        summary.requests, summary.duration / 1e6,
        errors.status, errors.connect + errors.read + errors.write + errors.timeout
    ))
end
