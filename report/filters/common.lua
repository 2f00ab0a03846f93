-- What the page and the PDF ask alike of the report's Markdown.

local common = { verdicts = { supported = true, qualified = true, contradicted = true, inconclusive = true } }
local stringify = pandoc.utils.stringify

-- The first of these classes that an element has.
function common.any(element, classes)
  for _, class in ipairs(classes) do
    if element.classes:includes(class) then return class end
  end
end

local function is(block, class) return block and block.t == 'Div' and block.classes:includes(class) end

-- A question is answered before anything else is said.
function common.answered(blocks)
  for i, block in ipairs(blocks) do
    if block.t == 'Header' and block.classes:includes 'question' and not is(blocks[i + 1], 'answer') then
      error('No answer follows the question "' .. stringify(block.content) .. '"', 0)
    end
  end
end

-- Blocks in bold.
function common.bold(blocks)
  local function strong(block)
    local plain = pandoc.Inlines(block.content):walk { Strong = function(inner) return inner.content end }
    block.content = { pandoc.Strong(plain) }
    return block
  end
  return blocks:walk { Para = strong, Plain = strong }
end

-- A figure's label, its title (the bold sentence that its caption begins with, or nil) and the rest of its caption.
function common.figure(div)
  local rest = pandoc.List(div.content)
  local inlines = pandoc.Inlines(rest[1].content)
  local label = inlines:remove(1).content
  while inlines[1] and inlines[1].t ~= 'Strong' and (inlines[1].t == 'Space' or inlines[1].t == 'SoftBreak') do inlines:remove(1) end
  local title = inlines[1] and inlines[1].t == 'Strong' and inlines:remove(1).content
  if title then
    local last = title[#title]
    if last.t == 'Str' then last.text = last.text:gsub('%.$', '') end
  end
  rest[1] = pandoc.Para(inlines)
  return label, title, rest
end

-- Runs of blocks of a class, each as `wrapped` makes of them.
function common.grouped(blocks, class, wrapped)
  local result, group = pandoc.Blocks {}, nil
  local function close()
    if group then result:extend(wrapped(group)) end
    group = nil
  end
  for _, block in ipairs(blocks) do
    if is(block, class) then
      group = group or pandoc.Blocks {}
      group:insert(block)
    else
      close()
      result:insert(block)
    end
  end
  close()
  return result
end

-- The glossary's terms by their words in lower case, without what stands in brackets or in another language.
local terms = {}

local function plain(inlines)
  local own = pandoc.Inlines(inlines):walk { Span = function(span) if span.attributes.lang then return {} end end }
  return (pandoc.text.lower(stringify(own)):gsub('%s*%(.*$', ''):gsub('[,%s]+$', ''))
end

-- Remembers where the terms of the glossary are; those without an anchor get one.
function common.read_glossary(div)
  if not div.classes:includes 'glossary' then return nil end
  return div:walk {
    DefinitionList = function(list)
      for _, item in ipairs(list.content) do
        local words, anchor = plain(item[1]), nil
        pandoc.Inlines(item[1]):walk { Span = function(span) if span.identifier ~= '' then anchor = span.identifier end end }
        if not anchor then
          anchor = 'term-' .. words:gsub('[^%w]+', '-')
          item[1] = { pandoc.Span(item[1], pandoc.Attr(anchor)) }
        end
        terms[words] = anchor
      end
      return list
    end,
  }
end

-- [nats]{.term}, or [some words]{.term of="nats"}, leads to the glossary where that has the term, in the plural as well.
function common.term(span)
  local words = pandoc.text.lower(span.attributes.of or stringify(span.content)):gsub('%s+', ' ')
  local anchor = terms[words] or terms[words:gsub('s$', '')] or terms[words:gsub('es$', '')]
  if not anchor then return span.content end
  return pandoc.Link(span.content, '#' .. anchor, '', pandoc.Attr('', { 'term' }))
end

return common
