-- Markdown → Typst: PDF/UA-1 wants words for every picture and equation, which pandoc's writer leaves out. How something
-- was measured moves from the article to the supplement.

local common = dofile(pandoc.path.join { pandoc.path.directory(PANDOC_SCRIPT_FILE), 'common.lua' })

local function raw(text) return pandoc.RawBlock('typst', text) end
local function quoted(text) return '"' .. text:gsub('\\', '\\\\'):gsub('"', '\\"'):gsub('%s+', ' ') .. '"' end

-- TeX → words, in this order; enough for the inline formulas of the report (display formulas bring their own words).
local words = {
  { '\\lVert%s*(.-)%s*\\rVert', ' the norm of %1 ' }, { '\\mathcal%s*N', ' the normal distribution ' },
  { '\\mathbb%s*E', ' the expectation of ' }, { '\\sqrt{(.-)}', ' the square root of %1 ' },
  { '\\frac{(.-)}{(.-)}', ' %1 over %2 ' }, { '\\text{(.-)}', ' %1 ' }, { '\\top', ' transposed ' },
  { '\\sim', ' is distributed as ' }, { '\\approx', ' is about ' }, { '\\perp', ' perpendicular ' },
  { '\\max', ' max ' }, { '\\hat%s*(%a)', ' %1 hat ' }, { '%^2', ' squared ' }, { '%^%*', ' star ' }, { '%^T', ' to the power T ' },
  { '\\[,;: ]', ' ' }, { '\\q?quad', ', ' }, { '\\(%a+)', ' %1 ' }, { '_', ' ' }, { '[{}]', '' }, { '%s+', ' ' },
}

local function spoken(tex)
  for _, rule in ipairs(words) do tex = tex:gsub(rule[1], rule[2]) end
  return (tex:gsub('^%s+', ''):gsub('%s+$', ''))
end

-- citations are written out by citeproc already
local unwrapped = pandoc.WriterOptions { wrap_text = 'wrap-none' }
local function typst(content) return (pandoc.write(pandoc.Pandoc(content), 'typst-citations', unwrapped):gsub('%s+$', '')) end

local function math(element)
  local block = element.mathtype == 'DisplayMath' and 'true' or 'false'
  local body = typst { pandoc.Plain { element } }
  local alt = quoted(spoken(element.text))
  return pandoc.RawInline('typst', '#math.equation(block: ' .. block .. ', alt: ' .. alt .. ', ' .. body .. ')')
end

local function is_figure(block) return block and block.t == 'Div' and block.classes:includes 'figure' end

local contents = '#contents\n' -- stands before the first numbered section, and is empty from there on

-- The anchor is the picture's, so that a link leads to it and not to what stands above it.
local function figure(div)
  local name = div.identifier:gsub('^fig%-', '')
  local label, title, caption = common.figure(div)
  local heading = typst { pandoc.Plain(label) } .. '], [' .. typst { pandoc.Plain(title or {}) }
  return pandoc.RawBlock('typst', '#drawing([' .. heading .. '], [#image("' .. name .. '.svg", width: 100%, alt: '
    .. quoted(div.attributes.alt) .. ')<' .. div.identifier .. '>], [' .. typst(caption) .. ']'
    .. (div.attributes.beside and ', placement: none' or '') .. ')')
end

local function staying(div)
  return div:walk { Div = function(inner)
    if is_figure(inner) then inner.attributes.beside = 'yes' end
    return inner
  end }
end

local function picture(div)
  local name = div.identifier:gsub('^fig%-', '')
  return raw('#image("' .. name .. '.svg", width: 100%, alt: ' .. quoted(div.attributes.alt) .. ')')
end

-- What stands side by side: a column each.
local function strip(div)
  local blocks = pandoc.Blocks { raw '#strip(' }
  for _, column in ipairs(div.content) do
    blocks:insert(raw '[')
    blocks:extend(column.content)
    blocks:insert(raw '],')
  end
  blocks:insert(raw ')')
  return blocks
end

local function equation(div)
  local tex
  div:walk { Math = function(element) tex = element end }
  local alt = quoted(div.attributes.words)
  return pandoc.RawBlock('typst', '#numbered([(' .. div.attributes.number .. ')], math.equation(block: true, alt: ' .. alt
    .. ', ' .. typst { pandoc.Plain { tex } } .. '))<' .. div.identifier .. '>')
end

-- A claim in full: its statement and what decided it.
local function claim(div)
  local statement = div.content:remove(1)
  return { raw '#claim([', statement, raw '])[', div, raw ']' }
end

-- A term and its one paragraph stand on one line.
local function terms(list)
  local lines = {}
  for _, item in ipairs(list.content) do
    local term, definitions = item[1], item[2]
    for _, blocks in ipairs(definitions) do
      if #blocks ~= 1 then return nil end
      lines[#lines + 1] = '/ ' .. typst { pandoc.Plain(term) } .. ': ' .. typst { pandoc.Plain(blocks[1].content) }
    end
  end
  return pandoc.RawBlock('typst', table.concat(lines, '\n'))
end

-- A heading stays with the words below it: a figure between them comes after those, and stays in place if there are none.
local function words_first(blocks)
  for i, block in ipairs(blocks) do
    local last = i
    while block.t == 'Header' and is_figure(blocks[last + 1]) do last = last + 1 end
    local following = blocks[last + 1]
    if last > i and following and following.t ~= 'Header' then
      blocks:insert(i + 1, blocks:remove(last + 1))
    elseif last > i then
      for j = i + 1, last do blocks[j].attributes.beside = 'yes' end
    end
  end
  return blocks
end

local function is_card(block) return block and block.t == 'Div' and block.classes:includes 'card' end

local function card(div)
  local blocks = pandoc.Blocks { raw('#card("' .. div.attributes.verdict .. '")[#metadata(none)<' .. div.identifier .. '>') }
  blocks:extend(div.content)
  blocks:insert(raw ']')
  return blocks
end

-- Cards and the headings between them run through two columns.
local function cards(document)
  local blocks, inside = pandoc.Blocks {}, false
  for i, block in ipairs(document.blocks) do
    local belongs = is_card(block) or (block.t == 'Header' and is_card(document.blocks[i + 1]))
    if belongs and not inside then blocks:insert(raw '#cards[') end
    if inside and not belongs then blocks:insert(raw ']') end
    inside = belongs
    blocks:insert(block)
  end
  if inside then blocks:insert(raw ']') end
  document.blocks = blocks
  return document
end

-- How the article's numbers were measured, by question, as a section of its own at the supplement's beginning.
local function moved(document)
  local article, collected, question, part = pandoc.Blocks {}, pandoc.Blocks {}, nil, false
  local function run_in(div, words)
    local inlines = pandoc.Inlines { words, pandoc.Space() }
    if div.content[1] and div.content[1].t == 'Para' then inlines:extend(div.content:remove(1).content) end
    div.content:insert(1, pandoc.Para(inlines))
    return div.content
  end
  local has_part = document.blocks:find_if(function(block) return block.t == 'Header' and block.classes:includes 'part' end)
  local function place()
    if #collected > 0 then
      article:insert(pandoc.Header(1, 'How it was measured', pandoc.Attr('measured', { 'unnumbered' })))
      article:extend(collected)
      collected = pandoc.Blocks {}
    end
  end
  for _, block in ipairs(document.blocks) do
    if block.t == 'Header' then
      if part and block.level == 1 then place() end
      part = part or block.classes:includes 'part'
      question = block
    end
    if block.t == 'Div' and block.classes:includes 'measured' then
      if has_part and not part then
        local link = pandoc.Link(pandoc.Strong(question.content), '#' .. question.identifier)
        collected:extend(run_in(block, link))
      else
        article:extend(run_in(block, pandoc.Emph 'How it was measured.'))
      end
    else
      article:insert(block)
    end
  end
  place()
  document.blocks = article
  return document
end

-- The supplement begins on a page of its own, in smaller type; no figure of the article is still to come there.
local function heading(header)
  local before = ''
  if header.level == 1 and not header.classes:includes 'unnumbered' then before, contents = contents, '' end
  if header.classes:includes 'part' then before = '#place.flush()#pagebreak(weak: true)\n#show: supplement' end
  return { raw(before), header }
end

-- Short tables stay whole.
local function long(table)
  if #table.bodies[1].body > 16 then return { raw '#long[', table, raw ']' } end
end

local boxes = { 'answer', 'status', 'provenance', 'glossary' } -- functions of the template
local only_on_the_page = { 'web', 'explorer' }

return {
  { Pandoc = moved },
  { Pandoc = cards },
  {
    Div = function(div)
      if common.any(div, only_on_the_page) then return {} end
      if div.classes:includes 'equation' then return equation(div) end
      if div.classes:includes 'strip' then return staying(div) end
      if div.classes:includes 'answer' then
        div.content = common.bold(div.content)
        return div
      end
      return common.read_glossary(div)
    end,
    Link = function(link) -- files that only the page carries
      if link.target:match '^download:' then return {} end
    end,
    Span = function(span)
      if common.any(span, only_on_the_page) then return {} end
    end,
    Blocks = function(blocks)
      common.answered(blocks)
      return words_first(blocks)
    end,
  },
  {
    Span = function(span)
      local text = pandoc.utils.stringify(span)
      if span.classes:includes 'verdict' and common.verdicts[text] then
        return pandoc.RawInline('typst', '#verdict("' .. text .. '")')
      end
      if span.classes:includes 'term' then return common.term(span) end
    end,
  },
  { Math = math },
  { DefinitionList = terms, Table = long },
  {
    Header = heading,
    Div = function(div)
      if is_figure(div) then return figure(div) end
      if div.classes:includes 'picture' then return picture(div) end
      if div.classes:includes 'claim' then return claim(div) end
      if is_card(div) then return card(div) end
      if div.classes:includes 'strip' then return strip(div) end
      local box = div.identifier == 'refs' and 'references' or common.any(div, boxes)
      if box then return { raw('#' .. box .. '['), div, raw ']' } end
    end,
  },
}
