"""The words of the field, one for each concept: what a page calls it in English and Korean, and what it means.

The Korean words are those of the Korean textbooks' chapter on image segmentation. A term's ``forbidden`` variants are
other words for the same thing that a catalogue must not use beside it; a test looks for them.
"""

from __future__ import annotations

from typing import NamedTuple


class Term(NamedTuple):
    """One concept.

    Attributes:
        english: what it is called.
        korean: what it is called in Korean, with the English word in brackets where readers meet that too.
        meaning: one sentence in English.
        sense: the same sentence in Korean.
        pages: addresses of the pages that use it.
        forbidden: regular expressions of Korean variants that no text may use.
        plays: what of the player of two shapes shows it (``core/ui/kit/two_shapes.py``); empty for most.
    """

    english: str
    korean: str
    meaning: str
    sense: str
    pages: tuple[str, ...]
    forbidden: tuple[str, ...] = ()
    plays: str = ""


_ALL = (
    "home",
    "fcn",
    "transposed",
    "deconvnet",
    "unet",
    "sliding_window",
    "localization",
    "pspnet",
    "deeplab",
    "compare",
)

TERMS = (
    Term(
        "image segmentation",
        "이미지 분할",
        "Giving every pixel of a picture a class; called semantic segmentation when things of one class are not told"
        " apart.",
        "이미지의 픽셀마다 클래스를 정하는 일입니다."
        " 같은 클래스의 객체를 서로 구별하지 않으면 시멘틱 분할이라고 합니다.",
        ("home", "compare"),
        ("영상 분할", "세그멘테이션", "시맨틱"),
    ),
    Term(
        "network",
        "네트워크",
        "Layers of sums with learned weights, from a picture to scores.",
        "학습된 가중치로 합을 계산하는 층을 쌓아, 이미지에서 점수를 내는 모델입니다.",
        ("home",),
        ("신경망",),
    ),
    Term(
        "class",
        "클래스",
        "One of the kinds of things that a network tells apart: cat, car, background.",
        "고양이, 자동차, 배경처럼 네트워크가 구별하는 종류입니다.",
        ("home", "fcn", "compare", "localization", "why", "stress"),
        ("이름표", "부류"),
    ),
    Term(
        "object",
        "객체",
        "A thing in the picture that a mask or a box marks out.",
        "마스크나 바운딩 박스로 가려내는 이미지 속의 대상입니다.",
        ("home", "localization"),
        ("물체",),
    ),
    Term(
        "fully convolutional network (FCN)",
        "완전 합성곱 네트워크(FCN)",
        "A network of convolutions alone, which therefore takes any size and answers at every place.",
        "합성곱만으로 이루어져 입력 크기에 상관없이 모든 위치의 결과를 내는 네트워크입니다.",
        ("home", "fcn", "sliding_window"),
    ),
    Term(
        "fully connected layer",
        "완전연결층",
        "A layer in which every output weighs every input value; it fixes the input's size and drops position.",
        "출력 하나하나가 모든 입력값에 가중치를 주는 층으로, 입력 크기가 고정되고 위치 정보가 사라집니다.",
        ("fcn", "home"),
        ("완전 연결 ?층", "전결합층"),
    ),
    Term(
        "1×1 convolution",
        "1×1 합성곱",
        "A fully connected layer applied at every cell by itself: it mixes channels and no neighbours.",
        "칸마다 따로 적용한 완전연결층과 같아서, 이웃 칸은 섞지 않고 채널만 섞습니다.",
        ("fcn", "deeplab"),
    ),
    Term(
        "feature map",
        "특성 맵",
        "What a layer computes, laid out like the picture: one grid of numbers for each channel.",
        "층의 계산 결과를 이미지처럼 배열한 것으로, 채널마다 숫자 격자 하나입니다.",
        _ALL,
        ("특징 ?맵", "피처 ?맵"),
    ),
    Term(
        "channel",
        "채널",
        "One of the grids of a feature map; each answers to a pattern of its own.",
        "특성 맵을 이루는 격자 하나로, 채널마다 반응하는 무늬가 다릅니다.",
        ("fcn", "unet", "deconvnet"),
    ),
    Term(
        "stride",
        "스트라이드",
        "How many cells a kernel moves from one output to the next.",
        "출력 한 칸마다 커널이 옮겨 가는 칸 수입니다.",
        ("fcn", "transposed", "deconvnet", "sliding_window"),
        ("보폭",),
    ),
    Term(
        "output stride",
        "출력 스트라이드",
        "How many pixels of the input lie between two neighbouring cells of the last map.",
        "마지막 맵에서 이웃한 두 칸 사이에 놓이는 입력 픽셀의 수입니다.",
        ("fcn", "pspnet", "deeplab", "sliding_window", "stress"),
    ),
    Term(
        "padding",
        "패딩(제로 패딩)",
        "Values, mostly zeros, that are laid around a map before a convolution so that it does not shrink.",
        "합성곱을 해도 맵이 작아지지 않도록 둘레에 덧대는 값으로, 보통 0을 씁니다.",
        ("transposed", "deconvnet", "unet", "fcn"),
    ),
    Term(
        "pooling",
        "풀링",
        "Keeping one value of each small window, its largest (max pooling) or its mean.",
        "작은 윈도우마다 최댓값(최대 풀링)이나 평균 하나만 남기는 연산입니다.",
        ("deconvnet", "unet", "pspnet", "home"),
        ("최댓값 풀링", "맥스 풀링"),
    ),
    Term(
        "downsampling",
        "다운 샘플링",
        "Making a map smaller, by pooling or a stride.",
        "풀링이나 스트라이드로 맵을 작게 만드는 것입니다.",
        ("deconvnet", "unet"),
        ("다운샘플링",),
    ),
    Term(
        "upsampling",
        "업 샘플링",
        "Making a map larger again, up to the picture's size.",
        "맵을 다시 원래 입력 크기까지 키우는 것입니다.",
        ("transposed", "deconvnet", "unet", "fcn"),
        ("업샘플링", "상향 표본"),
    ),
    Term(
        "transposed convolution",
        "역합성곱(전치 합성곱)",
        "A convolution's sums the other way round, which makes a map larger; often called deconvolution, though it"
        " inverts nothing.",
        "합성곱의 계산을 거꾸로 배치하여 맵을 키우는 업 샘플링입니다."
        " 역합성곱이라고도 하지만 합성곱의 결과를 되돌리지는 않습니다.",
        ("transposed", "deconvnet", "unet"),
        ("디컨볼루션", "업컨볼루션"),
    ),
    Term(
        "switches (unpooling)",
        "스위치(언풀링)",
        "Where in its window each largest value stood; unpooling puts values back there.",
        "최대 풀링에서 최댓값이 윈도우의 어느 칸에 있었는지 적어 둔 것으로, 언풀링은 값을 그 칸에 되돌려 놓습니다.",
        ("deconvnet",),
    ),
    Term(
        "encoder",
        "인코더",
        "The part of a network that turns the picture into small maps with many channels.",
        "이미지를 채널이 많은 작은 특성 맵으로 바꾸는 네트워크의 앞부분입니다.",
        ("unet", "deconvnet", "deeplab", "pspnet", "compare"),
        ("부호기",),
    ),
    Term(
        "decoder",
        "디코더",
        "The part of a network that turns small maps into a mask of the picture's size.",
        "작은 특성 맵을 이미지 크기의 마스크로 되살리는 네트워크의 뒷부분입니다.",
        ("unet", "deconvnet", "deeplab", "compare"),
        ("복호기",),
    ),
    Term(
        "contracting path",
        "수축 경로",
        "The way down in U-Net: smaller and smaller maps that catch the context.",
        "U-Net에서 맵을 점점 줄이며 컨텍스트를 포착하는 경로입니다.",
        ("unet",),
        ("축소 경로",),
    ),
    Term(
        "expanding path",
        "확장 경로",
        "The way up in U-Net: larger and larger maps that make exact localisation possible.",
        "U-Net에서 맵을 점점 키우며 정확한 지역화를 가능하게 하는 경로입니다.",
        ("unet",),
        ("팽창 경로",),
    ),
    Term(
        "skip connection",
        "스킵 연결",
        "A way around the deep layers that hands a fine map from the way down to the way up.",
        "깊은 층을 건너뛰어 수축 경로의 세밀한 특성 맵을 확장 경로에 건네는 연결입니다.",
        ("unet", "fcn", "compare"),
        ("건너뛰기 연결",),
    ),
    Term(
        "receptive field",
        "수용 영역",
        "The pixels of the picture that can change a cell of a map.",
        "맵의 한 칸에 영향을 줄 수 있는 이미지의 픽셀 범위입니다.",
        ("unet", "localization", "deeplab", "pspnet", "sliding_window", "why"),
        ("수용장", "수용 ?야"),
    ),
    Term(
        "context",
        "컨텍스트",
        "What surrounds a pixel and helps to tell its class.",
        "픽셀의 클래스를 알아내는 데 도움이 되는 주변 정보입니다.",
        ("localization", "unet", "pspnet", "deeplab"),
        ("문맥", "맥락"),
    ),
    Term(
        "localisation",
        "지역화(localization)",
        "Saying where a thing is: by a bounding box or pixel by pixel. More context and exact places are a trade-off.",
        "객체가 어디에 있는지를 바운딩 박스나 픽셀 단위로 찾는 일입니다."
        " 컨텍스트와 지역화 사이에는 트레이드오프가 있습니다.",
        ("localization", "unet"),
        ("국소화", "위치 ?추정"),
    ),
    Term(
        "bounding box",
        "바운딩 박스",
        "The smallest upright rectangle around a thing, given by its left top and right bottom corners.",
        "객체를 둘러싸는 가장 작은 직사각형으로, 왼쪽 위와 오른쪽 아래의 좌표로 나타냅니다.",
        ("localization",),
        ("경계 상자", "테두리 상자", "바운딩박스"),
    ),
    Term(
        "patch",
        "패치",
        "A small square cut out of a picture, classified by itself.",
        "이미지에서 잘라 내어 따로 분류하는 작은 정사각형입니다.",
        ("sliding_window", "localization"),
    ),
    Term(
        "sliding window",
        "슬라이딩 윈도우",
        "Classifying one patch after another at every place; one pass of an FCN shares what neighbours have in common.",
        "위치를 옮겨 가며 패치를 하나씩 분류하는 방법입니다."
        " FCN은 한 번의 순전파로 이웃 윈도우의 공통 계산을 공유합니다.",
        ("sliding_window", "localization", "fcn"),
        (r"윈도(?!우)", r"(?<![가-힣])창(?:은|이|을|과|으로|의|에서?|마다|들)?(?![가-힣])"),
    ),
    Term(
        "forward pass",
        "순전파",
        "One way through a network from the input to its scores.",
        "입력에서 점수까지 네트워크를 한 번 계산하는 것입니다.",
        ("sliding_window", "fcn", "home"),
        (r"통과(?![하시합한할해])", r"(?<![가-힣])패스(?![가-힣])", "한 번의 통과"),
    ),
    Term(
        "heatmap",
        "히트맵",
        "The score of one class at every place, drawn as colours.",
        "한 클래스의 점수를 위치마다 색으로 나타낸 것입니다.",
        ("home", "fcn", "localization", "sliding_window"),
        ("열지도",),
    ),
    Term(
        "logits",
        "로짓(logits)",
        "A network's scores before the softmax; any number, the larger the likelier.",
        "소프트맥스를 거치기 전의 점수로, 클수록 그 클래스일 가능성이 높습니다.",
        ("fcn", "sliding_window"),
    ),
    Term(
        "softmax",
        "소프트맥스",
        "Turns scores into probabilities that add up to 1.",
        "점수들을 합이 1인 확률로 바꾸는 함수입니다.",
        ("fcn", "sliding_window"),
    ),
    Term(
        "atrous convolution",
        "아트러스(팽창) 합성곱",
        "A convolution whose kernel leaves gaps between its cells: it sees further with the same weights.",
        "커널의 칸 사이를 벌린 합성곱으로, 같은 수의 가중치로 더 넓게 봅니다.",
        ("deeplab", "transposed", "pspnet"),
    ),
    Term(
        "rate",
        "팽창률(rate)",
        "The distance between neighbouring cells of an atrous kernel; 1 is an ordinary convolution.",
        "팽창 커널에서 이웃한 칸 사이의 간격입니다. 1이면 보통의 합성곱입니다.",
        ("deeplab",),
        ("아트러스 비율", "확장률"),
    ),
    Term(
        "gridding",
        "그리딩(gridding)",
        "Holes that stacked layers of equal rates leave in what a cell reads.",
        "팽창률이 같은 층을 쌓을 때 한 칸이 읽는 영역에 생기는 구멍입니다.",
        ("deeplab",),
        ("격자 현상",),
    ),
    Term(
        "mIoU",
        "mIoU",
        "The mean of the IoU over the classes: how well masks agree with the reference, 100% at best.",
        "클래스별 IoU의 평균으로, 마스크가 정답과 얼마나 일치하는지 나타냅니다. 최고는 100%입니다.",
        ("unet", "deconvnet", "pspnet", "deeplab", "compare", "localization"),
        plays="iou",
    ),
    Term(
        "IoU",
        "IoU",
        "Intersection over union: the area that two masks share, as a part of the area that either covers.",
        "두 마스크가 겹치는 넓이를 둘을 합친 넓이로 나눈 값입니다.",
        ("compare", "localization", "unet", "deconvnet", "deeplab", "stress"),
        plays="iou",
    ),
    Term(
        "boundary score",
        "경계 점수",
        "How well outlines agree: F1 of the pixels of either outline that lie within two pixels of the other.",
        "윤곽선이 얼마나 일치하는지를 나타내는 점수로, 두 픽셀 이내에서 만나는 윤곽선 픽셀의 F1입니다.",
        ("unet", "compare", "localization", "deeplab"),
        ("윤곽(?!선)",),
        plays="boundary",
    ),
    Term(
        "reference mask",
        "정답 마스크(ground truth)",
        "A mask that people have drawn, against which networks are measured.",
        "사람이 그린 마스크로, 네트워크의 결과를 여기에 견주어 잽니다.",
        ("compare", "unet", "localization", "why"),
        ("기준 마스크",),
    ),
    Term(
        "ablation",
        "절제 실험(ablation)",
        "Switching one part off to see what is missing without it.",
        "한 부분을 끄고 그것이 없을 때 무엇이 달라지는지 보는 실험입니다.",
        ("unet", "pspnet", "deeplab"),
    ),
    Term(
        "head",
        "헤드",
        "The last layers of a network, which turn feature maps into scores.",
        "특성 맵을 점수로 바꾸는 네트워크의 마지막 층들입니다.",
        ("pspnet", "deeplab"),
        (r"(?<![가-힣])머리", "출력부"),
    ),
    Term(
        "attribution map",
        "기여 맵(attribution)",
        "A map of which places of a photo a score hangs on, for one pixel or one class.",
        "픽셀 하나 또는 클래스 하나의 점수가 사진의 어느 곳에 달려 있는지 나타낸 맵입니다.",
        ("why",),
    ),
    Term(
        "gradient",
        "기울기(gradient)",
        "How much a score or a loss changes when a value changes a little; a training step goes against the loss’s.",
        "값이 조금 변할 때 점수나 손실이 얼마나 변하는지 나타내며, 학습은 손실의 기울기를 거슬러 갑니다.",
        ("why", "training"),
        ("그래디언트", "경사도"),
    ),
    Term(
        "integrated gradients",
        "적분 기울기",
        "Gradients added up on the way from an empty picture to the photo; together they are the gain in score.",
        "빈 사진에서 사진까지 가는 길에서 기울기를 더한 것으로, 모두 합하면 점수가 늘어난 양입니다.",
        ("why",),
    ),
    Term(
        "occlusion",
        "가림(occlusion)",
        "Hiding a part of the photo and seeing what becomes of the score.",
        "사진의 한 부분을 가리고 점수가 어떻게 되는지 보는 방법입니다.",
        ("why", "stress"),
        ("폐색",),
    ),
    Term(
        "deletion and insertion",
        "삭제와 삽입",
        "Taking away, or bringing back, what a map calls important, to see whether it is.",
        "맵이 중요하다고 한 것을 지우거나 되돌려 보며 정말 중요한지 확인하는 방법입니다.",
        ("why",),
    ),
    Term(
        "disturbance",
        "교란",
        "A change of the photo, such as noise or blur, in a known strength.",
        "잡음이나 흐림처럼 정해진 세기로 사진을 바꾸는 것입니다.",
        ("stress",),
        ("섭동", "왜란"),
    ),
    Term(
        "agreement",
        "일치도",
        "How much two answers of a network overlap: their mean IoU.",
        "네트워크의 두 결과가 얼마나 겹치는지 나타내는 수로, 둘의 mIoU입니다.",
        ("stress",),
    ),
    Term(
        "loss",
        "손실",
        "One number that says how far the probabilities are from the mask; training makes it smaller.",
        "확률이 마스크에서 얼마나 먼지 나타내는 수이며, 학습은 이 수를 줄입니다.",
        ("training",),
    ),
    Term(
        "learning rate",
        "학습률",
        "How far a step goes against the gradient.",
        "한 스텝이 기울기의 반대 방향으로 얼마나 멀리 가는지입니다.",
        ("training",),
    ),
    Term(
        "overfitting",
        "과적합",
        "Knowing the pictures that teach, and no others.",
        "학습에 쓴 사진만 알고 다른 사진은 모르는 상태입니다.",
        ("training",),
    ),
)
"""Every term, in an order in which one can read them."""

FORBIDDEN = (
    *((variant, term.korean) for term in TERMS for variant in term.forbidden),
    (r"(?<![가-힣])탭(?![가-힣]*키)", "커널의 칸"),
    ("계산서", "연산량"),
    ("(?<![가-힣])갈래", "가지"),
    ("재생기", "플레이어"),
    ("십시오", "-세요"),
    ("씨앗", "시드"),
    (r"(?<![가-힣])그림(?! ?[\d{])", "사진"),
    ("표준편차", "표준 편차"),
    ("(?<!체크)포인트", "%p"),
    ("이름을 붙", "클래스를 맞히다"),
    ("준비 운동", "워밍업"),
)
"""Regular expression of what a Korean text must not say -> what it says instead."""


def of_page(name: str) -> tuple[Term, ...]:
    """The terms of the page at ``name``."""
    return tuple(term for term in TERMS if name in term.pages)
