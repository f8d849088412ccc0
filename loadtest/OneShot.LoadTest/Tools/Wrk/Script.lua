-- Comes after lines that define `pipeline`, the requests sent together, `post`, the length of a body or nil, and `fields`: a list of {name, value, ...}, whose values come in turn. "{id}" in a value is another with every request.
-- Fewer where they would fill the memory.
local variants = post and math.max(1, math.min(512, math.floor(2 ^ 26 / ((post + 1) * pipeline)))) or 512
local marker = "oneshot-load: "
local threads = 0

function setup(thread)
    threads = threads + 1
    thread:set("number", threads)
end

local function write(id, turn)
    local lines = { (post and "POST" or "GET") .. " " .. wrk.path .. " HTTP/1.1", "Host: " .. wrk.headers["Host"] }
    for _, field in ipairs(fields) do
        lines[#lines + 1] = field[1] .. ": " .. (field[turn % (#field - 1) + 2]:gsub("{id}", id))
    end
    if post then
        lines[#lines + 1] = "Content-Length: " .. post
    end
    return table.concat(lines, "\r\n") .. "\r\n\r\n" .. string.rep("x", post or 0)
end

-- Made beforehand: to format a request for every request would measure this script.
local prepared, position = {}, 0

function init(arguments)
    for i = 1, variants do
        local together = {}
        for j = 1, pipeline do
            -- Products of odd constants, modulo 2^32: neighbours share no digits.
            together[j] = write(string.format("%08x%08x", number * 2654435761 % 4294967296, (i * pipeline + j) * 2246822507 % 4294967296), i * pipeline + j)
        end
        prepared[i] = table.concat(together)
    end
end

function request()
    position = position % variants + 1
    return prepared[position]
end

function done(summary, latency, requests)
    local errors = summary.errors
    io.write(marker, string.format(
        '{"requests":%d,"microseconds":%d,"p50":%.0f,"p90":%.0f,"p99":%.0f,"max":%.0f,"status":%d,"connect":%d,"read":%d,"write":%d,"timeout":%d}\n',
        summary.requests, summary.duration, latency:percentile(50), latency:percentile(90), latency:percentile(99), latency.max,
        errors.status, errors.connect, errors.read, errors.write, errors.timeout))
end
