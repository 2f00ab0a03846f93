-- Markdown → Typst: PDF/UA-1 wants words for every picture and equation, which pandoc's writer leaves out.

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

local contents = '#contents\n' -- stands before the first numbered section, and is empty from there on

-- The anchor is the picture's, so that a link leads to it and not to what stands above it.
local function figure(div)
  local name = div.identifier:gsub('^fig%-', '')
  return pandoc.RawBlock('typst', '#drawing([#image("' .. name .. '.svg", width: 100%, alt: ' .. quoted(div.attributes.alt)
    .. ')<' .. div.identifier .. '>], [' .. typst(div.content) .. '])')
end

local function equation(div)
  local tex
  div:walk { Math = function(element) tex = element end }
  local alt = quoted(div.attributes.words)
  return pandoc.RawBlock('typst', '#numbered([(' .. div.attributes.number .. ')], math.equation(block: true, alt: ' .. alt
    .. ', ' .. typst { pandoc.Plain { tex } } .. '))<' .. div.identifier .. '>')
end

local verdicts = { supported = true, qualified = true, contradicted = true, inconclusive = true }

-- The ledger's verdicts are marked, as on the page.
local function ledger(div)
  return div:walk {
    Table = function(table)
      for _, row in ipairs(table.bodies[1].body) do
        for _, cell in ipairs(row.cells) do
          local text = pandoc.utils.stringify(cell.contents)
          if verdicts[text] then cell.contents = { pandoc.Plain { pandoc.RawInline('typst', '#verdict("' .. text .. '")') } } end
        end
      end
      return table
    end,
  }
end

-- A claim's statement is not left behind by what decided it.
local function claim(div)
  local statement = div.content:remove(1)
  return { pandoc.RawBlock('typst', '#claim(['), statement, pandoc.RawBlock('typst', '])['), div, pandoc.RawBlock('typst', ']') }
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

-- Claims that follow one another share the columns of a page.
local function grouped(blocks)
  local result, group = pandoc.List(), nil
  for _, block in ipairs(blocks) do
    local claim = block.t == 'Div' and block.classes:includes 'claim'
    if claim and not group then result:insert(pandoc.RawBlock('typst', '#claims[')) end
    if group and not claim then result:insert(pandoc.RawBlock('typst', ']')) end
    group = claim
    result:insert(block)
  end
  if group then result:insert(pandoc.RawBlock('typst', ']')) end
  return result
end

-- No figure is still to come when a section ends.
local function heading(header)
  local before = header.level <= 2 and '#place.flush()' or ''
  if header.level == 1 and not header.classes:includes 'unnumbered' then before, contents = contents .. before, '' end
  return { pandoc.RawBlock('typst', before), header }
end

-- Short tables stay whole.
local function long(table)
  if #table.bodies[1].body > 16 then return { pandoc.RawBlock('typst', '#long['), table, pandoc.RawBlock('typst', ']') } end
end

local boxes = { 'findings', 'finding', 'status', 'provenance' } -- functions of the template
local only_on_the_page = { 'web', 'explorer' }

local function any(div, classes)
  for _, class in ipairs(classes) do
    if div.classes:includes(class) then return class end
  end
end

return {
  {
    Div = function(div)
      if any(div, only_on_the_page) then return {} end
      if div.identifier == 'tbl-claims' then return ledger(div) end
      if div.classes:includes 'equation' then return equation(div) end
    end,
    Link = function(link) -- files that only the page carries
      if link.target:match '^download:' then return {} end
    end,
    Span = function(span)
      local text = pandoc.utils.stringify(span)
      if span.classes:includes 'verdict' and verdicts[text] then return pandoc.RawInline('typst', '#verdict("' .. text .. '")') end
    end,
  },
  { Math = math },
  { DefinitionList = terms, Blocks = grouped, Table = long },
  {
    Header = heading,
    Div = function(div)
      if div.classes:includes 'figure' then return figure(div) end
      if div.classes:includes 'claim' then return claim(div) end
      local box = div.identifier == 'refs' and 'references' or any(div, boxes)
      if box then return { pandoc.RawBlock('typst', '#' .. box .. '['), div, pandoc.RawBlock('typst', ']') } end
    end,
  },
}
